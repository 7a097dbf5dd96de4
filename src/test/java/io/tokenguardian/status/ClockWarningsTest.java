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
    void aWarningBeginsAtHalfTheLeewayAndEndsWellBelowIt() {
        assertThat(warnings(replica("cp-1", 0), replica("cp-2", -30_500))).isEmpty();
        assertThat(warnings(replica("cp-1", 0), replica("cp-2", -30_501))).containsOnlyKeys("cp-2");
        assertThat(ClockWarnings.of(accepted(replica("cp-1", 0), replica("cp-2", -29_000)), Set.of("cp-2")))
                .containsOnlyKeys("cp-2");
    }

    @Test
    void tokensAreRefusedOnceAClockIsOffByTheLeeway() {
        assertThat(sentence(replica("cp-1", 0), replica("cp-2", -59_999))).contains("Once two replicas differ by");
        assertThat(sentence(replica("cp-1", 0), replica("cp-2", -60_000))).contains("Once two replicas differ by");
        assertThat(sentence(replica("cp-1", 0), replica("cp-2", -61_000))).endsWith("for its first 1.0 s.");
    }

    @Test
    void aClockAheadAndOneBehindAreComparedWithEachOther() {
        assertThat(warnings(replica("cp-1", 50_000), replica("cp-2", -50_000), replica("cp-3", 0))
                        .values())
                .extracting(Explanation::sentence)
                .satisfiesExactlyInAnyOrder(
                        fast -> assertThat(fast).contains("with a clock like cp-2's for its first 40.0 s."),
                        slow -> assertThat(slow)
                                .contains("by a clock like cp-1's gets 401")
                                .endsWith("first 40.0 s."));
    }

    private static String sentence(KnownReplica... replicas) {
        return warnings(replicas).values().iterator().next().sentence();
    }

    private static Map<String, Explanation> warnings(KnownReplica... replicas) {
        return ClockWarnings.of(accepted(replicas));
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

        assertThat(ClockWarnings.of(
                        TokenStatuses.with(TokenStatuses.of(NOON, pending, TOKEN), replica("cp-2", -75_000))))
                .isEmpty();
    }
}
