package io.tokenguardian.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which clock is at fault for a refusal. The node's clock shows noon; offsets are in seconds. */
class ComparedClocksTest {
    static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    /** The end of the token. */
    static final Instant END = NOON.plusSeconds(3_600);

    @Test
    void ofAReplicaAndAnIssuerTheClockThatIsFurtherOffIsNamed() {
        assertThat(refusedBy("cp-2", -60, 60, replica("cp-1", 0)).advice()).startsWith("Set cp-2's clock");
        assertThat(refusedBy("cp-2", -60, 61, replica("cp-1", 0)).advice()).startsWith("Delete the pod");
    }

    @Test
    void aReplicaAheadIsTheIssuerIfItsClockIsNearTheStamp() {
        assertThat(refusedBy("cp-2", 0, 120, replica("cp-1", 115)).advice()).startsWith("Set cp-1's clock");
        assertThat(refusedBy("cp-2", 0, 120, replica("cp-1", 114)).advice()).startsWith("Delete the pod");
    }

    /** The node's clock is ahead of the issuer's. */
    @Test
    void theNodesClockIsNotMistakenForTheIssuers() {
        assertThat(refusedBy("cp-1", -120, -20, replica("cp-2", -120), replica("cp-3", -20))
                        .advice())
                .startsWith("Set cp-3's clock");
    }

    @Test
    void theTokensEndIsTheLimitForAReplicaFarBehind() {
        assertThat(refusedBy("cp-2", -3_659, 0).advice()).startsWith("Set cp-2's clock");
        assertThat(refusedBy("cp-2", -3_660, 0).advice()).startsWith("No token will do");
    }

    @Test
    void aFileWrittenLongAfterItsTokenWasIssuedDoesNotHideTheStamp() {
        Token token = token(120);
        TokenStatus late = TokenStatuses.of(NOON, notYet("cp-2", 0, token), token, NOON.plusSeconds(3_000));

        assertThat(Explanation.of(TokenStatuses.with(late, replica("cp-2", 0)), NOON)
                        .sentence())
                .startsWith("The token was stamped by a clock at least 2 min ahead of ");
    }

    @Test
    void aWrongNodeClockIsNotTheReferenceForReplicas() {
        assertThat(refusedBy("cp-2", -275, -75, replica("cp-1", -75), replica("cp-3", -75))
                        .sentence())
                .startsWith("cp-2's clock is 3 min 20 s behind most replicas'.");
    }

    @Test
    void theVerdictsClockCountsForReplicasThatShareACertificate() {
        assertThat(refusedBy("cp", -10, 0, replica("cp", 120), replica("cp", 121))
                        .sentence())
                .startsWith("cp's clock is 2 min 10 s behind most replicas'.");
    }

    @Test
    void aClockIsComparedWithTheNodesCurrentClock() {
        TokenStatus tokenStatus = notYetValid("cp-2", 2, 120);

        assertThat(Explanation.of(TokenStatuses.shifted(tokenStatus, Duration.ofSeconds(200)), NOON)
                        .sentence())
                .startsWith("cp-2's clock is 3 min 18 s behind this node's.");
    }

    @Test
    void kubeletIsLateIfTheTokenHasExpiredByTheNodesClock() {
        assertThat(Explanation.of(expired("cp-2", 70, END.minusMillis(1)), NOON).advice())
                .isEqualTo("Set cp-2's clock or this node's (NTP).");
        assertThat(Explanation.of(expired("cp-2", 70, END), NOON).advice()).startsWith("kubelet should have");
    }

    /** A replica accepts a token until 60 s after its end. The replicas' clocks are 65 s ahead. */
    @Test
    void theNodeIsBehindIfTheTokenHasExpiredByMostClocks() {
        KnownReplica[] ahead = {replica("cp-1", 65), replica("cp-3", 65)};

        assertThat(Explanation.of(expired("cp-2", 90, END.minusSeconds(6), ahead), NOON)
                        .sentence())
                .startsWith("cp-2's clock is 25.0 s ahead of most replicas'.");
        assertThat(Explanation.of(expired("cp-2", 90, END.minusSeconds(5), ahead), NOON)
                        .sentence())
                .startsWith("This node's clock is 1 min 5 s behind most replicas', and the token has expired.");
    }

    /** @param stampedAhead by how many seconds the token's {@code iat} is ahead of the node's clock */
    private static Explanation refusedBy(String name, int offset, int stampedAhead, KnownReplica... others) {
        return Explanation.of(notYetValid(name, offset, stampedAhead, others), NOON);
    }

    static TokenStatus notYetValid(String name, int offset, int stampedAhead, KnownReplica... others) {
        Token token = token(stampedAhead);
        return with(TokenStatuses.of(NOON, notYet(name, offset, token), token, NOON), replica(name, offset), others);
    }

    private static Verdict notYet(String name, int offset, Token token) {
        Duration ahead = Duration.ofSeconds(offset);
        Instant from = token.claims().validFrom().orElseThrow().minusSeconds(60);
        Instant by = from.minus(ahead);
        return new Verdict.NotYetValid(
                TokenStatuses.ADDRESS, TokenStatuses.certificate(name), from, by, by, new OffsetInterval(ahead, ahead));
    }

    static TokenStatus expired(String name, int offset, Instant at, KnownReplica... others) {
        Verdict verdict =
                new Verdict.Expired(TokenStatuses.ADDRESS, TokenStatuses.certificate(name), END.plusSeconds(60));
        return with(TokenStatuses.of(at, verdict, token(0), NOON), replica(name, offset), others);
    }

    private static TokenStatus with(TokenStatus tokenStatus, KnownReplica judging, KnownReplica... others) {
        List<KnownReplica> all = new ArrayList<>(Arrays.asList(others));
        all.add(judging);
        return TokenStatuses.with(tokenStatus, all.toArray(KnownReplica[]::new));
    }

    static Token token(int stampedAhead) {
        Instant issuedAt = NOON.plusSeconds(stampedAhead);
        return TestTokens.issuedAt(issuedAt)
                .expiresAt(issuedAt.plusSeconds(3_600))
                .token();
    }

    static KnownReplica replica(String name, int offset) {
        return TokenStatuses.named(name, NOON, Duration.ofSeconds(offset));
    }
}
