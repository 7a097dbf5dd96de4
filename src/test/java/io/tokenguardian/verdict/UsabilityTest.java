package io.tokenguardian.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.verdict.Evidence.JudgedResult;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class UsabilityTest {
    private static final Usability UNKNOWN = Usability.of(0);
    private static final Instant NOON = ProbeResults.ISSUED;

    /** A date so early that not even a replica whose clock is ten minutes ahead can have issued the token. */
    private static final Instant LONG_BEFORE =
            NOON.minus(Duration.ofMinutes(10)).minusSeconds(1);

    private static JudgedResult result(Finding finding, Instant at, Instant date) {
        return new JudgedResult(
                new ProbeResult("a:1", new ProbeOutcome.Unreachable("not looked at"), "c", List.of(), at, at, date),
                finding);
    }

    private static Usability refused(Usability before, int times, Instant at) {
        return refused(before, times, at, at);
    }

    private static Usability refused(Usability before, int times, Instant at, Instant date) {
        Usability usability = before;
        for (int i = 0; i < times; i++) {
            usability = usability.afterNewConnection(ProbeResults.TERMS, result(Finding.NOT_YET_VALID, at, date));
        }
        return usability;
    }

    private static Usability accepted(Usability before) {
        return before.afterNewConnection(ProbeResults.TERMS, result(Finding.ACCEPTED, NOON, NOON));
    }

    @Test
    void noSearchBeginsBeforeTheFirstRefusal() {
        assertThat(UNKNOWN.nextSearch(NOON)).isEqualTo(Instant.MAX);
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "23, 0", "24, 100", "25, 200", "28, 1600", "29, 2000", "200, 2000"})
    void aSearchForATokenThatMayBeIssuedNowPausesAfter24Connections(int refusals, int millis) {
        assertThat(refused(UNKNOWN, refusals, NOON).nextSearch(NOON)).isEqualTo(NOON.plusMillis(millis));
    }

    @ParameterizedTest
    @CsvSource({"23, 0", "24, 15", "25, 30", "26, 60", "200, 60"})
    void aSearchForATokenThatNoReplicaCanHaveIssuedNowHasLongPauses(int refusals, int seconds) {
        assertThat(refused(UNKNOWN, refusals, NOON, LONG_BEFORE).nextSearch(NOON))
                .isEqualTo(NOON.plusSeconds(seconds));
    }

    @ParameterizedTest
    @EnumSource(names = {"NOT_YET_VALID", "EXPIRED", "REFUSED"})
    void anyRefusalStartsASearch(Finding finding) {
        Usability usability = UNKNOWN.afterNewConnection(ProbeResults.TERMS, result(finding, NOON, NOON));

        assertThat(usability.isSearching()).isTrue();
    }

    @Test
    void anAcceptanceEndsTheSearch() {
        Usability usable = accepted(refused(UNKNOWN, 30, NOON));

        assertThat(usable.isUsable()).isTrue();
        assertThat(usable.nextSearch(NOON)).isEqualTo(Instant.MAX);
    }

    @Test
    void aRefusalOfAUsableTokenStartsNoSearch() {
        assertThat(refused(accepted(UNKNOWN), 30, NOON).nextSearch(NOON)).isEqualTo(Instant.MAX);
    }

    @ParameterizedTest
    @CsvSource({"23, true", "24, false"})
    void aUsableTokenInDoubtStaysUsableUntil24Refusals(int refusals, boolean usable) {
        assertThat(refused(accepted(UNKNOWN).inDoubt(), refusals, NOON).isUsable())
                .isEqualTo(usable);
    }

    @Test
    void anUnreachableServerChangesNothing() {
        Usability missed = refused(UNKNOWN, 24, NOON);

        Usability unanswered =
                missed.afterNewConnection(ProbeResults.TERMS, result(Finding.UNREACHABLE, NOON.plusSeconds(9), NOON));

        assertThat(unanswered).isEqualTo(missed);
    }

    @Test
    void aLongSearchSendsAProbeEveryTwoSeconds() {
        Usability missed = refused(UNKNOWN, 24, NOON);
        Instant now = NOON;
        List<Instant> probes = new ArrayList<>();
        while (now.isBefore(NOON.plusSeconds(60))) {
            now = missed.nextSearch(now);
            probes.add(now);
            missed = refused(missed, 1, now);
        }

        assertThat(probes).hasSize(34);
    }

    @ParameterizedTest
    @CsvSource({"1, true", "2, true", "3, false", "4, false"})
    void aSearchAmongThreeReplicasEndsPermanentlyAfterThreeRefusals(int refusals, boolean searching) {
        Usability usability = refused(Usability.of(3), refusals, NOON);

        assertThat(usability.nextSearch(NOON)).isEqualTo(searching ? NOON : Instant.MAX);
        assertThat(usability.hasMissed()).isFalse();
    }

    @Test
    void otherReplicasAreProbedOnceEachAfterEarlierRefusals() {
        Usability changed = refused(Usability.of(3), 3, NOON).among(2);

        assertThat(changed.nextSearch(NOON)).isEqualTo(NOON);
        assertThat(refused(changed, 2, NOON).nextSearch(NOON)).isEqualTo(Instant.MAX);
    }

    @Test
    void otherReplicasNeedNoSearchWhileTheTokenIsUsable() {
        assertThat(accepted(Usability.of(3)).among(4).nextSearch(NOON)).isEqualTo(Instant.MAX);
    }
}
