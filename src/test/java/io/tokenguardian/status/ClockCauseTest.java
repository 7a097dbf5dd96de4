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
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The clock at fault, the explanation, and the advice. The node's clock shows noon. */
class ClockCauseTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void theIssuersPartOfASlowReplicasDelayIsStatedToo() {
        assertThat(refusedBy("cp-2", -75, 20, clock("cp-1", 0)).sentence())
                .endsWith(": in 35.0 s. The token was stamped by a clock 20.0 s ahead of this node's.");
        assertThat(refusedBy("cp-2", -75, 5, clock("cp-1", 0)).sentence()).endsWith(": in 20.0 s.");
    }

    @Test
    void theTokensEndIsTheLimitForAReplicaFarBehind() {
        assertThat(refusedBy("cp-2", -3_660, 0).advice()).startsWith("No token will do");
        assertThat(refusedBy("cp-2", -3_659, 0).advice()).startsWith("Set cp-2's clock");
    }

    @Test
    void theRefuserIsComparedWithReplicasThatShareItsCertificate() {
        Explanation explanation = refusedBy("cp", -10, 0, replica("cp", 120), replica("cp", 121));

        assertThat(explanation.advice()).contains(" This node's clock is 2 min behind theirs: set it too.");
    }

    @Test
    void aFileWrittenLongAfterItsTokenWasIssuedDoesNotHideTheStamp() {
        Token token = token(120);
        TokenStatus late = TokenStatuses.of(NOON, notYet("cp-2", 0, token), token, NOON.plusSeconds(3_000));

        assertThat(Explanation.of(TokenStatuses.with(late, replica("cp-2", 0)), NOON)
                        .sentence())
                .startsWith("The token was stamped by a clock 2 min ahead of ");
    }

    @Test
    void aWrongNodeClockIsNotTheReferenceForReplicas() {
        Explanation ofStamp = refusedBy("cp-2", -75, 0, clock("cp-1", -75), clock("cp-3", -74));
        Explanation ofReplica = refusedBy("cp-2", -275, -75, clock("cp-1", -75), clock("cp-3", -75));

        assertThat(ofStamp.sentence())
                .startsWith("The token was stamped by a clock 1 min 14 s ahead of the other replicas', further ");
        assertThat(ofStamp.advice()).contains(" This node's clock is 1 min 14 s ahead of theirs: set it too.");
        assertThat(ofReplica.sentence())
                .startsWith(
                        "The API server replica cp-2, whose clock is 3 min 20 s behind the other replicas', refuses")
                .doesNotContain("stamped");
        assertThat(ofReplica.advice())
                .startsWith("Set cp-2's clock (NTP); ")
                .contains(" This node's clock is 1 min 15 s ahead of theirs: set it too.");
    }

    @Test
    void replicasThatDisagreeProveNothingAboutTheNode() {
        assertThat(refusedBy("cp-2", -200, 0, clock("cp-1", -20), clock("cp-3", -30))
                        .advice())
                .startsWith("Set cp-2's clock ")
                .doesNotContain("This node's clock");
    }

    @Test
    void aClockIsComparedWithTheNodesCurrentClock() {
        TokenStatus tokenStatus = status("cp-2", 2, 120);

        assertThat(Explanation.of(TokenStatuses.shifted(tokenStatus, Duration.ofSeconds(200)), NOON)
                        .sentence())
                .startsWith("The API server replica cp-2, whose clock is 3 min 18 s behind this node's, ");
    }

    @Test
    void ofTwoClocksTheClockOfARefusingReplicaIsWrong() {
        TokenStatus usable = TokenStatuses.usable(expired("cp-2", 4_000, NOON), token(0));

        assertThat(Explanation.of(usable, NOON).advice()).isEqualTo("Set cp-2's clock (NTP).");
    }

    @Test
    void kubeletIsLateIfTheTokenHasExpiredByEveryClock() {
        Instant end = NOON.plusSeconds(3_600);

        assertThat(Explanation.of(expired("cp-2", 70, end.minusMillis(1)), NOON).advice())
                .doesNotContain("kubelet");
        assertThat(Explanation.of(expired("cp-2", 70, end), NOON).advice()).contains("kubelet");
    }

    @Test
    void replicasWithinTheirLeewayAreNotReportedAsPastTheExpiry() {
        TokenStatus within = expired("cp-2", 90, NOON.plusSeconds(3_585), clock("cp-1", 20), clock("cp-3", 20));
        TokenStatus past = expired("cp-2", 90, NOON.plusSeconds(3_595), clock("cp-1", 65), clock("cp-3", 65));

        assertThat(Explanation.of(within, NOON).sentence())
                .startsWith(
                        "The API server replica cp-2, whose clock is 1 min 10 s ahead of the other replicas', treats");
        assertThat(headline(within)).startsWith("cp-2's clock is 1 min 10 s ahead.");
        assertThat(headline(past)).startsWith("This node's clock is 1 min 5 s behind.");
    }

    @Test
    void theHeadlineOfAUsableTokenStatesWhenEveryReplicaAccepts() {
        TokenStatus usable = TokenStatuses.usable(status("cp-2", -75, 0, clock("cp-1", 0)), token(0));

        assertThat(headline(usable))
                .isEqualTo("cp-2's clock is 1 min 15 s behind. Every replica accepts the token in {left}.");
    }

    @Test
    void theHeadlineOfARefusalNotCausedByAClockNamesTheReplica() {
        Verdict refused = new Verdict.Refused(TokenStatuses.ADDRESS, TokenStatuses.certificate("cp-2"));

        assertThat(headline(TokenStatuses.with(TokenStatuses.of(NOON, refused, token(0)), replica("cp-2", 0))))
                .isEqualTo("cp-2 refuses the token.");
    }

    /** Returns a refusal with this cause. */
    static TokenStatus example(ClockCause cause) {
        return switch (cause) {
            case REPLICA_BEHIND -> status("cp-2", -75, 0, clock("cp-1", 0), clock("cp-3", 1));
            case REPLICA_FAR_BEHIND -> status("cp-2", -100_000, 0, clock("cp-1", 0));
            case ISSUER_AHEAD -> status("cp-2", 0, 120, clock("cp-3", 1));
            case KNOWN_ISSUER_AHEAD -> status("cp-2", 0, 119, clock("cp-1", 120), clock("cp-3", 1));
            case CLOCK_HIDDEN ->
                TokenStatuses.of(
                        NOON,
                        new Verdict.NotYetValid(TokenStatuses.ADDRESS, null, NOON.plusSeconds(60), null, null, null),
                        token(120),
                        NOON);
            case REPLICA_AHEAD -> expired("cp-2", 4_000, NOON, clock("cp-1", 0));
            case REPLICA_AHEAD_OR_NODE_BEHIND -> expired("cp-2", 4_000, NOON);
            case NODE_BEHIND -> expired("cp-2", 4_000, NOON, clock("cp-1", 4_000), clock("cp-3", 4_001));
            case KUBELET_LATE -> expired("cp-2", 70, NOON.plusSeconds(3_600));
            case EXPIRED_IN_GAP -> resumed();
        };
    }

    /** Returns the status of a token that replicas with these clocks accept. Offsets are in seconds. */
    static TokenStatus accepted(int... offsets) {
        TokenStatus accepted = TokenStatuses.of(NOON, new Verdict.Accepted(NOON, TokenStatuses.USER), token(0), NOON);
        return TokenStatuses.with(
                accepted,
                IntStream.range(0, offsets.length)
                        .mapToObj(i -> clock("cp-" + (i + 1), offsets[i]))
                        .toArray(KnownReplica[]::new));
    }

    private static String headline(TokenStatus tokenStatus) {
        return Explanation.headline(tokenStatus);
    }

    /** Returns a replica that does not refuse the token. */
    private static KnownReplica clock(String name, int offset) {
        return replica(name, offset);
    }

    /** @param stampedAhead by how many seconds the token's {@code iat} is ahead of the node's clock */
    private static Explanation refusedBy(String name, int offset, int stampedAhead, KnownReplica... others) {
        return Explanation.of(status(name, offset, stampedAhead, others), NOON);
    }

    private static TokenStatus status(String name, int offset, int stampedAhead, KnownReplica... others) {
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

    private static TokenStatus expired(String name, int offset, Instant at, KnownReplica... others) {
        Verdict verdict =
                new Verdict.Expired(TokenStatuses.ADDRESS, TokenStatuses.certificate(name), NOON.plusSeconds(3_660));
        return with(TokenStatuses.of(at, verdict, token(0), NOON), replica(name, offset), others);
    }

    private static TokenStatus resumed() {
        Instant end = NOON.plusSeconds(3_600);
        return TokenStatuses.resumed(expired("cp-2", 70, end), end);
    }

    private static TokenStatus with(TokenStatus tokenStatus, KnownReplica judging, KnownReplica... others) {
        List<KnownReplica> all = new ArrayList<>(Arrays.asList(others));
        all.add(judging);
        return TokenStatuses.with(tokenStatus, all.toArray(KnownReplica[]::new));
    }

    private static Token token(int stampedAhead) {
        Instant issuedAt = NOON.plusSeconds(stampedAhead);
        return TestTokens.issuedAt(issuedAt)
                .expiresAt(issuedAt.plusSeconds(3_600))
                .token();
    }

    private static KnownReplica replica(String name, int offset) {
        return TokenStatuses.named(name, NOON, Duration.ofSeconds(offset));
    }
}
