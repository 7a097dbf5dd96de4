package io.tokenguardian.verdict;

import static io.tokenguardian.verdict.ProbeResults.FAILED;
import static io.tokenguardian.verdict.ProbeResults.FROM;
import static io.tokenguardian.verdict.ProbeResults.ISSUED;
import static io.tokenguardian.verdict.ProbeResults.NOW;
import static io.tokenguardian.verdict.ProbeResults.UNTIL;
import static io.tokenguardian.verdict.ProbeResults.WINDOW;
import static io.tokenguardian.verdict.ProbeResults.accepted;
import static io.tokenguardian.verdict.ProbeResults.refused;
import static io.tokenguardian.verdict.ProbeResults.result;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.replica.ReplicaLedger;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Three acceptances in a row are needed, and no further replica is assumed. All results arrive at {@code NOW}. */
class JudgeTest {
    private static final ProbeResult A = accepted("a");
    private static final ProbeResult B = accepted("b");
    private static final ProbeResult EXPIRED = refused(NOW, UNTIL);
    private static final ProbeResult YOUNG = refused(NOW, ISSUED.plusSeconds(9));

    /** By the replica with the certificate of {@link #A}. */
    private static final ProbeResult UNEXPLAINED = refused(NOW, ISSUED.plusSeconds(10));

    private static final ProbeResult SOON = refused(NOW, FROM.minusSeconds(50));
    private static final ProbeResult LATE = refused(NOW, FROM.minusSeconds(100));
    private static final ProbeResult UNDATED = result(SOON.outcome(), "c", FROM.minusSeconds(1), null);

    private final ReplicaLedger ledger = new ReplicaLedger();
    private Judge judge = new Judge(new TokenTerms(WINDOW, ISSUED, 3), ledger);
    private int connections;

    /** Takes results over new connections, and concludes as soon as no result is missing. */
    private Judge after(ProbeResult... results) {
        for (ProbeResult each : results) {
            take(new EndedProbe(connections++, true, true, each));
        }
        return judge;
    }

    private boolean take(EndedProbe ended) {
        boolean doubtful = judge.take(ended, ProbeResults.answer(ended.result()), false, Instant.MIN);
        if (judge.lacksOnlyResults()) {
            judge.accept();
        }
        return doubtful;
    }

    private void lose(int connection) {
        take(new EndedProbe(connection, false, false, FAILED));
    }

    private static ProbeResult[] times(int count, ProbeResult result) {
        return Collections.nCopies(count, result).toArray(ProbeResult[]::new);
    }

    private String word() {
        return judge.verdict(NOW).word();
    }

    /** Each case is a series of results; the acceptances are by a and b, the refusals by a. */
    @ParameterizedTest
    @CsvSource({
        "'', pending",
        "F, unreachable",
        "FA, pending",
        "FU, refused",
        "AB, pending",
        "ABA, accepted",
        "ABFA, pending",
        "ABFABA, accepted",
        "ABAF, accepted",
        "SABA, not-yet-valid",
        "SF, not-yet-valid",
        "ABAS, not-yet-valid",
        "SU, refused",
        "US, not-yet-valid",
        "E, expired",
        "EA, expired",
        "EAB, expired",
        "EABB, accepted",
        "U, refused",
        "UA, pending",
        "UABB, accepted",
        "UBBBBBBBB, refused",
        "UBBBBBBBBB, accepted",
        "EBBBBBBBB, expired",
        "EBBBBBBBBB, accepted",
        "ABAU, accepted",
        "ABAUU, refused",
        "ABAUFU, refused",
        "ABAUAU, accepted",
        "ABAE, expired",
        "Y, pending",
        "YY, refused",
    })
    void theVerdictFollowsFromTheResults(String results, String verdict) {
        Map<Character, ProbeResult> byLetter =
                Map.of('A', A, 'B', B, 'F', FAILED, 'S', SOON, 'E', EXPIRED, 'Y', YOUNG, 'U', UNEXPLAINED);
        results.chars().forEach(each -> after(Objects.requireNonNull(byLetter.get((char) each))));

        assertThat(word()).isEqualTo(verdict);
    }

    @Test
    void aRefusalNamesItsReplica() {
        assertThat(after(UNEXPLAINED).verdict(NOW)).isEqualTo(new Verdict.Refused("10.96.0.1:443", "a"));
        assertThat(after(EXPIRED).verdict(NOW)).isEqualTo(new Verdict.Expired("10.96.0.1:443", "a", UNTIL));
    }

    @Test
    void aRefusalWithoutACertificateNeedsOnlyTheConfirmations() {
        after(result(UNEXPLAINED.outcome(), null, NOW, UNEXPLAINED.date()));

        after(times(3, B));

        assertThat(word()).isEqualTo("accepted");
    }

    @Test
    void theVerdictWaitsForTheLastReplicaToAccept() {
        Instant last = acceptableBy(after(LATE, SOON).verdict(NOW));

        assertThat(last).isAfter(FROM.plusSeconds(100));
        assertThat(acceptableBy(Objects.requireNonNull(judge.firstToEnd(NOW)))).isBefore(last);
        assertThat(((Verdict.NotYetValid) after(UNDATED).verdict(NOW)).acceptableBy())
                .isNull();
    }

    private static Instant acceptableBy(Verdict verdict) {
        return Objects.requireNonNull(((Verdict.NotYetValid) verdict).acceptableBy());
    }

    @Test
    void aWaitNeedsNoNewConnectionUnlessItsConnectionIsLost() {
        assertThat(judge.endOfWait(NOW)).isNull();
        assertThat(after(SOON, LATE).endOfWait(NOW)).isEqualTo(Instant.MAX);

        lose(0);

        assertThat(judge.endOfWait(NOW)).isBetween(NOW.plusSeconds(50), NOW.plusSeconds(52));
        assertThat(after(UNEXPLAINED).endOfWait(NOW)).isNull();
    }

    @Test
    void connectionsThatProbablyLeadToOneReplicaCountOnce() {
        after(SOON, LATE, SOON, UNEXPLAINED);

        assertThat(judge.waiting()).hasSize(2);
        assertThat(judge.refusers(NOW)).isEqualTo(3);
    }

    @Test
    void aRefusalByAFurtherReplicaPutsTheTokenInDoubt() {
        after(A, B);
        ProbeResult late = result(UNEXPLAINED.outcome(), "c", NOW.plusMillis(3), UNEXPLAINED.date());

        assertThat(take(new EndedProbe(9, true, true, UNEXPLAINED)))
                .as("sent before the acceptance")
                .isFalse();
        assertThat(take(new EndedProbe(10, true, true, late))).isTrue();
        assertThat(take(new EndedProbe(11, true, true, late))).as("known").isFalse();
    }

    @Test
    void theEndOfAnAcceptancePutsTheTokenInDoubt() {
        after(A, B, A);

        assertThat(take(new EndedProbe(9, false, true, SOON))).isTrue();
    }

    @Test
    void withoutAKnownClockTheNumberOfConnectionsRulesOutOthers() {
        ledger.record(ProbeResults.answer(A));

        assertThat(after(A).connectionsLeft(NOW)).isEqualTo(30); // one certificate, which several replicas may share
        ledger.record(ProbeResults.answer(B));
        assertThat(judge.connectionsLeft(NOW)).isEqualTo(17);
        assertThat(after(times(16, B)).connectionsLeft(NOW)).isEqualTo(1);
        assertThat(word()).isEqualTo("pending");
        assertThat(after(B).connectionsLeft(NOW)).isZero();
        assertThat(word()).isEqualTo("accepted");
    }
}
