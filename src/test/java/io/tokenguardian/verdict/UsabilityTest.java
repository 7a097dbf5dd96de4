package io.tokenguardian.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.verdict.Evidence.JudgedResult;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UsabilityTest {
    private static final Usability UNKNOWN = Usability.of(0);
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Instant NEXT = NOON.plus(Usability.PAUSE);

    private static JudgedResult result(Finding finding, String certificate, Instant at) {
        return new JudgedResult(
                new ProbeResult(
                        "a:1", new ProbeOutcome.Unreachable("not looked at"), certificate, List.of(), at, at, null),
                finding);
    }

    private static Usability refused(Usability before, int times, Instant at) {
        Usability usability = before;
        for (int i = 0; i < times; i++) {
            usability = usability.afterNewConnection(result(Finding.NOT_YET_VALID, "c" + i, at));
        }
        return usability;
    }

    @Test
    void beforeTheFirstRefusalNothingIsSearched() {
        assertThat(UNKNOWN.nextSearch(NOON)).isEqualTo(Instant.MAX);
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "7, 0", "8, 15", "9, 15"})
    void aSearchPausesAfterEightRefusals(int refusals, int pause) {
        assertThat(refused(UNKNOWN, refusals, NOON).nextSearch(NOON)).isEqualTo(NOON.plusSeconds(pause));
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "2, 0", "3, 15", "4, 15"})
    void aSearchPausesAfterThreeRefusalsWithOneCertificate(int refusals, int pause) {
        assertThat(refusedByOne(UNKNOWN, refusals, NOON).nextSearch(NOON)).isEqualTo(NOON.plusSeconds(pause));
    }

    @Test
    void aFurtherSearchOfOneCertificateIsASingleConnection() {
        Usability missed = refusedByOne(UNKNOWN, 3, NOON);

        assertThat(missed.nextSearch(NEXT)).isEqualTo(NEXT);
        assertThat(refusedByOne(missed, 1, NEXT).nextSearch(NEXT)).isEqualTo(NEXT.plusSeconds(30));
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "2, 0", "3, 30"})
    void aFurtherSearchThatMeetsASecondCertificateGoesOnForThreeConnections(int refusals, int pause) {
        Usability missed = refusedByOne(UNKNOWN, 3, NOON);

        assertThat(refused(missed, refusals, NEXT).nextSearch(NEXT)).isEqualTo(NEXT.plusSeconds(pause));
    }

    private static Usability refusedByOne(Usability before, int times, Instant at) {
        Usability usability = before;
        for (int i = 0; i < times; i++) {
            usability = usability.afterNewConnection(result(Finding.NOT_YET_VALID, "same", at));
        }
        return usability;
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "2, 0", "3, 30"})
    void theNextSearchPausesAfterThreeRefusals(int refusals, int pause) {
        Usability missed = refused(UNKNOWN, 8, NOON);

        assertThat(refused(missed, refusals, NEXT).nextSearch(NEXT)).isEqualTo(NEXT.plusSeconds(pause));
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "2, 0", "3, 30"})
    void aFurtherSearchThatMeetsOneCertificateAloneEndsAfterThreeWhereSeveralAreKnown(int refusals, int pause) {
        Usability missed = refused(UNKNOWN, 8, NOON);

        assertThat(refusedByOne(missed, refusals, NEXT).nextSearch(NEXT)).isEqualTo(NEXT.plusSeconds(pause));
    }

    @Test
    void thePauseDoublesUpToAMinute() {
        Usability missed = refused(UNKNOWN, 8, NOON);
        List<Duration> pauses = new ArrayList<>();
        Instant now = NOON;
        for (int i = 0; i < 5; i++) {
            Instant next = missed.nextSearch(now);
            pauses.add(Duration.between(now, next));
            missed = refused(missed, 3, next);
            now = next;
        }

        assertThat(pauses).extracting(Duration::toSeconds).containsExactly(15L, 30L, 60L, 60L, 60L);
    }

    @Test
    void aRefusalBetweenTwoSearchesMovesNeither() {
        Usability missed = refused(UNKNOWN, 8, NOON);

        assertThat(refused(missed, 1, NEXT.minusMillis(1)).nextSearch(NOON)).isEqualTo(NEXT);
    }

    @Test
    void anAcceptanceEndsAllSearches() {
        Usability missed = refused(UNKNOWN, 8, NOON);

        Usability usable = missed.afterNewConnection(result(Finding.ACCEPTED, "a", NEXT));

        assertThat(usable.isUsable()).isTrue();
        assertThat(usable.nextSearch(NEXT)).isEqualTo(Instant.MAX);
    }

    @Test
    void aRefusalOfAUsableTokenStartsNoSearch() {
        Usability usable = UNKNOWN.afterNewConnection(result(Finding.ACCEPTED, "a", NOON));

        assertThat(refused(usable, 20, NOON).nextSearch(NOON)).isEqualTo(Instant.MAX);
    }

    @ParameterizedTest
    @CsvSource({"15, true", "16, false"})
    void aUsableTokenInDoubtStaysUsableUntilSixteenRefusals(int refusals, boolean usable) {
        Usability inDoubt =
                UNKNOWN.afterNewConnection(result(Finding.ACCEPTED, "a", NOON)).inDoubt();

        assertThat(refused(inDoubt, refusals, NOON).isUsable()).isEqualTo(usable);
    }

    @Test
    void aServerThatDoesNotAnswerEndsNoSearch() {
        Usability missed = refused(UNKNOWN, 8, NOON);

        Usability unanswered = missed.afterNewConnection(result(Finding.UNREACHABLE, "a", NEXT));

        assertThat(unanswered.nextSearch(NEXT)).isEqualTo(NEXT);
    }

    @ParameterizedTest
    @CsvSource({"1, true", "2, true", "3, false", "4, false"})
    void aSearchAmongThreeKnownReplicasEndsForGoodAfterThreeRefusals(int refusals, boolean searching) {
        Usability usability = refused(Usability.of(3), refusals, NOON);

        assertThat(usability.nextSearch(NOON)).isEqualTo(searching ? NOON : Instant.MAX);
        assertThat(usability.hasMissed()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"4, true", "5, false"})
    void aSearchAmongKnownReplicasMeetsEachAlsoIfAllShowOneCertificate(int refusals, boolean searching) {
        Usability usability = refusedByOne(Usability.of(5), refusals, NOON);

        assertThat(usability.isSearching()).isEqualTo(searching);
    }

    @Test
    void otherReplicasAreMetOnceEachAlthoughTheEarlierOnesRefused() {
        Usability changed = refused(Usability.of(3), 3, NOON).among(2);

        assertThat(changed.nextSearch(NOON)).isEqualTo(NOON);
        assertThat(refused(changed, 2, NOON).nextSearch(NOON)).isEqualTo(Instant.MAX);
    }

    @Test
    void otherReplicasNeedNoSearchWhileTheTokenIsUsable() {
        Usability usable = Usability.of(3).afterNewConnection(result(Finding.ACCEPTED, "a", NOON));

        assertThat(usable.among(4).nextSearch(NOON)).isEqualTo(Instant.MAX);
    }
}
