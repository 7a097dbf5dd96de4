package io.tokenguardian.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Clocks with a warning while the token is accepted. The node's clock shows noon; other clocks are known to ± 0.5 s.
 */
class ClockWarningsTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Verdict ACCEPTED = new Verdict.Accepted(NOON, TokenStatuses.USER);

    /** A token that is valid for ten minutes. kubelet replaces it after eight minutes. */
    private static final Token TOKEN = TestTokens.issuedAt(NOON.minusSeconds(300))
            .expiresAt(NOON.plusSeconds(300))
            .kubernetes("warnafter", null)
            .token();

    @Test
    void aWarningOfAReplicaBehindNamesTheIssuersAndTheTime() {
        assertThat(warnings(replica("cp-1", 0), replica("cp-2", -130_000), replica("cp-3", 1_000)))
                .containsExactly(Map.entry(
                        "cp-2",
                        new Explanation(
                                "cp-2's clock is 2 min 10 s behind this node's. Pods whose token cp-1 or cp-3 issues get"
                                        + " 401 Unauthorized (\"service account token is not valid yet\") from this API"
                                        + " server replica for their first 1 min 11 s.",
                                "Set cp-2's clock (NTP).")));
    }

    @Test
    void aWarningBeginsAtHalfTheLeewayAndEndsWellBelowIt() {
        assertThat(warnings(replica("cp-1", 0), replica("cp-2", -30_500))).isEmpty();
        assertThat(warnings(replica("cp-1", 0), replica("cp-2", -30_501))).containsOnlyKeys("cp-2");
        assertThat(ClockWarnings.of(accepted(replica("cp-1", 0), replica("cp-2", -29_000)), Set.of("cp-2")))
                .containsOnlyKeys("cp-2");
    }

    @Test
    void theNodesClockHasAWarningIfTheReplicasAgree() {
        assertThat(warnings(replica("cp-1", 90_000), replica("cp-2", 91_000), replica("cp-3", 10_000)))
                .containsEntry(
                        "this node",
                        new Explanation(
                                "This node's clock is 1 min 30 s behind the API server replicas'. kubelet uses it, and"
                                        + " replaces tokens that much too late.",
                                "Set this node's clock (NTP)."))
                .hasEntrySatisfying(
                        "cp-3",
                        warning -> assertThat(warning.sentence())
                                .startsWith("cp-3's clock is 1 min 20 s behind the other replicas'. "));
    }

    @Test
    void aWrongNodeClockIsNeitherAnIssuersNorARefusersClock() {
        assertThat(warnings(replica("cp-1", -100_000), replica("cp-2", -100_000), replica("cp-3", -140_000)))
                .hasEntrySatisfying(
                        "cp-3",
                        warning -> assertThat(warning.sentence())
                                .isEqualTo("cp-3's clock is 40.0 s behind the other replicas'. This API server replica"
                                        + " still accepts new tokens; it refuses them (401 Unauthorized) once its clock is"
                                        + " 1 min behind."));
        assertThat(warnings(replica("cp-1", 100_000), replica("cp-2", 100_000), replica("cp-3", 140_000)))
                .hasEntrySatisfying(
                        "cp-3", warning -> assertThat(warning.sentence()).contains("are still accepted"));
    }

    @Test
    void replicasWithOneCertificateAreSeparateClocksInAnyOrder() {
        KnownReplica right = replica("cp", 0);
        KnownReplica fast = replica("cp", 130_000);

        assertThat(warnings(right, metAt(fast, NOON.plusSeconds(1)))).containsOnlyKeys("cp#2");
        assertThat(warnings(metAt(right, NOON.plusSeconds(1)), fast)).containsOnlyKeys("cp#2");
    }

    @Test
    void aSkewExceedsALimitOnlyIfThatIsCertain() {
        TokenStatus tokenStatus = accepted(replica("cp-1", 0), replica("cp-2", -10_500));

        assertThat(Explanation.skewBeyond(tokenStatus, Duration.ofMillis(9_999)))
                .hasValue("cp-2's clock is 10.5 s behind this node's");
        assertThat(Explanation.skewBeyond(tokenStatus, Duration.ofSeconds(10))).isEmpty();
    }

    @Test
    void theNodesOwnSkewIsNotAttributedToReplicas() {
        assertThat(Explanation.skewBeyond(
                        accepted(replica("cp-1", 90_000), replica("cp-2", 90_000)), Duration.ofSeconds(10)))
                .isEmpty();
    }

    private static KnownReplica metAt(KnownReplica replica, Instant at) {
        return new KnownReplica(
                replica.address(),
                replica.certificate(),
                replica.names(),
                replica.clock(),
                replica.finding(),
                null,
                at);
    }

    private static Map<String, Explanation> warnings(KnownReplica... replicas) {
        return Explanation.warnings(accepted(replicas));
    }

    private static TokenStatus accepted(KnownReplica... replicas) {
        return TokenStatuses.with(TokenStatuses.of(NOON, ACCEPTED, TOKEN, NOON), replicas);
    }

    private static KnownReplica replica(String name, int aheadMillis) {
        return TokenStatuses.named(name, NOON, Duration.ofMillis(aheadMillis));
    }

    @Test
    void aTokenThatIsNotAcceptedGetsNoWarnings() {
        Verdict pending = new Verdict.Pending();

        assertThat(Explanation.warnings(
                        TokenStatuses.with(TokenStatuses.of(NOON, pending, TOKEN), replica("cp-2", -75_000))))
                .isEmpty();
    }
}
