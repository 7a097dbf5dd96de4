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

/** The clock at fault, the explanation, and the advice. The node's clock shows noon. */
class ClockCauseTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private static final String LOG_LINE =
            " In the API server's log this clock skew reads \"service account token is not"
                    + " valid yet\"; up to 1.22, \"Token could not be validated\".";

    @Test
    void theAdviceForAReplicaBehindIsToSetItsClock() {
        Explanation explanation = refusedBy("cp-2", -75, 0, clock("cp-1", 0), clock("cp-3", 1));

        assertThat(explanation.sentence())
                .isEqualTo(
                        "The API server replica cp-2, whose clock is 1 min 15 s behind this node's, refuses the token"
                                + " (401 Unauthorized) until it is 2026-03-01T11:59:00Z on its own clock: in 15.0 s.");
        assertThat(explanation.advice())
                .isEqualTo("Set cp-2's clock (NTP); a new pod would wait as long, or longer." + LOG_LINE);
    }

    @Test
    void theIssuersPartOfASlowReplicasDelayIsStatedToo() {
        assertThat(refusedBy("cp-2", -75, 20, clock("cp-1", 0)).sentence())
                .endsWith(": in 35.0 s. The token was stamped by a clock 20.0 s ahead of this node's.");
        assertThat(refusedBy("cp-2", -75, 5, clock("cp-1", 0)).sentence()).endsWith(": in 20.0 s.");
    }

    @Test
    void aReplicaThatAcceptsOnlyAfterExpiryMakesAnyTokenUseless() {
        Explanation explanation = refusedBy("cp-2", -100_000, 0, clock("cp-1", 0));

        assertThat(explanation.sentence())
                .isEqualTo(
                        "The API server replica cp-2, whose clock is 27 h 46 min behind this node's, refuses the token"
                                + " (401 Unauthorized) until it is 2026-03-01T11:59:00Z on its own clock: in 27 h 45 min. By then"
                                + " the token has expired for the others.");
        assertThat(explanation.advice()).isEqualTo("No token will do until cp-2's clock is set (NTP)." + LOG_LINE);
    }

    @Test
    void theTokensEndIsTheLimitForAReplicaFarBehind() {
        assertThat(refusedBy("cp-2", -3_660, 0).advice()).startsWith("No token will do");
        assertThat(refusedBy("cp-2", -3_659, 0).advice()).startsWith("Set cp-2's clock");
    }

    @Test
    void theAdviceForATokenStampedAheadIsToDeleteThePod() {
        Explanation explanation = refusedBy("cp-2", 0, 120, clock("cp-3", 1));

        assertThat(explanation.sentence())
                .isEqualTo("The token was stamped by a clock 2 min ahead of this node's, further ahead than that of any"
                        + " known API server replica. The API server replica cp-2 refuses the token (401"
                        + " Unauthorized) until it is 2026-03-01T12:01:00Z on its own clock: in 1 min.");
        assertThat(explanation.advice())
                .isEqualTo(
                        "Delete the pod: kubelet then requests a new token. Restarting the container does not help. The"
                                + " clock of the replica that issued this token is or was wrong (NTP)." + LOG_LINE);
    }

    @Test
    void aReplicaAsFarAheadAsTheStampIsNamedAsTheIssuer() {
        Explanation explanation = refusedBy("cp-2", 0, 119, clock("cp-1", 120), clock("cp-3", 1));

        assertThat(explanation.sentence())
                .startsWith(
                        "The token was stamped by a clock 1 min 59 s ahead of the others, as cp-1's is. The API server"
                                + " replica cp-2 refuses the token (401 Unauthorized) until it is ");
        assertThat(explanation.advice())
                .startsWith("Set cp-1's clock (NTP); a new pod would wait too, if that replica issues its token.");
    }

    /** Discovered replicas can share a certificate, and therefore a name. */
    @Test
    void replicasThatShareACertificateAreComparedByTheirAddresses() {
        KnownReplica first = at("10.0.0.1:6443", 120);
        KnownReplica second = at("10.0.0.2:6443", 120);

        Explanation explanation = refusedBy("cp", -10, 0, first, second);

        assertThat(explanation.advice()).contains(" This node's clock is 2 min behind theirs: set it too.");
    }

    private static KnownReplica at(String address, int offset) {
        KnownReplica replica = replica("cp", offset);
        return new KnownReplica(
                address,
                replica.certificate(),
                replica.names(),
                replica.clock(),
                replica.finding(),
                replica.user(),
                replica.lastResultAt());
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
    void theAdviceForAReplicaAheadIsToSetItsClock() {
        Explanation explanation = expiredBy("cp-2", 4_000, clock("cp-1", 0));

        assertThat(explanation.sentence())
                .isEqualTo(
                        "The API server replica cp-2, whose clock is 1 h 6 min ahead of this node's, treats the token"
                                + " as expired: by that clock it is past 2026-03-01T13:01:00Z, the last time at which"
                                + " it accepts the token.");
        assertThat(explanation.advice()).isEqualTo("Set cp-2's clock (NTP).");
    }

    @Test
    void ifOnlyTwoClocksAreKnownEitherMayBeWrong() {
        Explanation explanation = expiredBy("cp-2", 4_000);

        assertThat(explanation.sentence()).contains("cp-2, whose clock is 1 h 6 min ahead of this node's, treats the");
        assertThat(explanation.advice()).isEqualTo("One of the two clocks is wrong: set it (NTP).");
    }

    @Test
    void ofTwoClocksTheClockOfARefusingReplicaIsWrong() {
        TokenStatus usable = TokenStatuses.usable(expired("cp-2", 4_000, NOON), token(0));

        assertThat(Explanation.of(usable, NOON).advice()).isEqualTo("Set cp-2's clock (NTP).");
    }

    @Test
    void theNodesClockIsBehindIfAllReplicasAgreeOnTheExpiry() {
        Explanation explanation = expiredBy("cp-2", 4_000, clock("cp-1", 4_000), clock("cp-3", 4_001));

        assertThat(explanation.sentence())
                .isEqualTo("The token has expired: by the clocks of all known API server replicas it is past"
                        + " 2026-03-01T13:01:00Z, the last time at which they accept the token. This node's clock is"
                        + " 1 h 6 min behind theirs.");
        assertThat(explanation.advice())
                .isEqualTo("Set this node's clock (NTP): kubelet uses it, and so replaces the token too late.");
    }

    @Test
    void kubeletIsLateIfTheTokenHasExpiredByEveryClock() {
        Instant end = NOON.plusSeconds(3_600);
        Explanation before = Explanation.of(expired("cp-2", 70, end.minusMillis(1)), NOON);
        Explanation explanation = Explanation.of(expired("cp-2", 70, end), NOON);

        assertThat(before.advice()).doesNotContain("kubelet");
        assertThat(explanation.sentence())
                .isEqualTo("The token has expired: by the clock of the API server replica cp-2 it is past"
                        + " 2026-03-01T13:01:00Z, the last time at which it accepts the token.");
        assertThat(explanation.advice())
                .isEqualTo("kubelet should have replaced the token long ago: see its log on the node. Deleting the"
                        + " pod makes kubelet request a new token.");
    }

    @Test
    void kubeletIsAboutToReplaceATokenThatExpiredInAGap() {
        Explanation explanation = Explanation.of(resumed(), NOON);

        assertThat(explanation.sentence())
                .isEqualTo("The token expired while the guardian did not run: by the clock of the API server replica"
                        + " cp-2 it is past 2026-03-01T13:01:00Z, the last time at which it accepts the token. kubelet"
                        + " should replace the token within two minutes.");
        assertThat(explanation.advice())
                .isEqualTo("Requests wait for these two minutes. If kubelet has not replaced the token by then, see its"
                        + " log on the node, or delete the pod.");
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
    void everyPlaceholderInATextIsFilled() {
        TokenStatus unknown = TokenStatuses.of(NOON, new Verdict.Expired(TokenStatuses.ADDRESS, null, NOON), token(0));

        for (Explanation explanation : List.of(
                Explanation.of(unknown, NOON),
                refusedBy("cp-2", -75, 0),
                refusedBy("cp-2", -100_000, 0),
                refusedBy("cp-2", 0, 120),
                refusedBy("cp-2", 0, 120, clock("cp-1", 120)),
                expiredBy("cp-2", 4_000),
                expiredBy("cp-2", 4_000, clock("cp-1", 4_000)))) {
            assertThat(explanation.sentence() + explanation.advice()).doesNotContain("{", "}");
        }
    }

    @Test
    void theHeadlineNamesTheWrongClock() {
        assertThat(headline(status("cp-2", -75, 0, clock("cp-1", 0))))
                .isEqualTo("cp-2's clock is 1 min 15 s behind. The token works in {left}.");
        assertThat(headline(status("cp-2", -100_000, 0, clock("cp-1", 0))))
                .isEqualTo("cp-2's clock is 27 h 46 min behind. The token expires before that replica accepts it.");
        assertThat(headline(status("cp-2", 0, 120, clock("cp-3", 1))))
                .isEqualTo("The token was stamped 2 min ahead of this node's clock. The token works in {left}.");
        assertThat(headline(status("cp-2", 0, 119, clock("cp-1", 120), clock("cp-3", 1))))
                .isEqualTo("cp-1's clock is 1 min 59 s ahead. The token works in {left}.");
        assertThat(headline(expired("cp-2", 4_000, NOON, clock("cp-1", 0))))
                .isEqualTo("cp-2's clock is 1 h 6 min ahead. It treats the token as expired.");
        assertThat(headline(expired("cp-2", 4_000, NOON)))
                .isEqualTo("cp-2's clock is 1 h 6 min ahead of this node's. It treats the token as expired.");
        assertThat(headline(expired("cp-2", 4_000, NOON, clock("cp-1", 4_000), clock("cp-3", 4_001))))
                .isEqualTo("This node's clock is 1 h 6 min behind. The token has expired.");
        assertThat(headline(expired("cp-2", 70, NOON.plusSeconds(3_600)))).isEqualTo("The token has expired.");
    }

    @Test
    void theHeadlineOfAUsableTokenStatesWhenEveryReplicaAccepts() {
        TokenStatus usable = TokenStatuses.usable(status("cp-2", -75, 0, clock("cp-1", 0)), token(0));

        assertThat(headline(usable))
                .isEqualTo("cp-2's clock is 1 min 15 s behind. Every replica accepts the token in {left}.");
    }

    @Test
    void theHeadlineOfARefusalNotCausedByAClockNamesTheReplica() {
        Verdict refused = new Verdict.Refused(TokenStatuses.ADDRESS, TokenStatuses.certificate("cp-2"), null);

        assertThat(headline(TokenStatuses.with(TokenStatuses.of(NOON, refused, token(0)), replica("cp-2", 0))))
                .isEqualTo("cp-2 refuses the token.");
    }

    @Test
    void withoutAWrongClockTheHeadlineIsTheSentence() {
        TokenStatus accepted = TokenStatuses.of(NOON, new Verdict.Accepted(NOON, "u"), token(0));

        assertThat(headline(accepted)).isEqualTo("The API server accepts the token of u.");
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

    /**
     * Returns the status of a token that three replicas accept, two of which have the same clock. Offsets are in
     * seconds.
     */
    static TokenStatus accepted(int one, int others) {
        Verdict accepted = new Verdict.Accepted(NOON, TokenStatuses.USER);
        return with(
                TokenStatuses.of(NOON, accepted, token(0), NOON),
                clock("cp-1", one),
                clock("cp-2", others),
                clock("cp-3", others));
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

    private static Explanation expiredBy(String name, int offset, KnownReplica... others) {
        return Explanation.of(expired(name, offset, NOON, others), NOON);
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
