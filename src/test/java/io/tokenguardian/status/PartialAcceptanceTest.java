package io.tokenguardian.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The explanation while only some replicas accept the token. */
class PartialAcceptanceTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Instant FROM = NOW.minusSeconds(61);
    private static final Instant EXPIRES = NOW.plusSeconds(600);
    private static final Instant UNTIL = EXPIRES.plusSeconds(60);
    private static final Token TOKEN = token();
    private static final Duration BEHIND = Duration.ofMinutes(-3);
    private static final Duration AHEAD = Duration.ofMillis(699_500);

    private static final String SOME = "Some replicas accept the token; requests through the proxy go there. ";
    private static final String REFUSES = "The API server replica b, whose clock is 3 min behind this"
            + " node's, refuses the token (401 Unauthorized) until it is 2026-03-01T11:58:59Z on its own clock: in"
            + " 1 min 59 s.";

    @Test
    void theReplicasThatAcceptAreCountedAndTheRefusalIsExplained() {
        assertThat(sentence(slow(accepting("a"), refusing("b"), accepting("c"))))
                .isEqualTo(
                        "2 of the 3 known replicas accept the token; requests through the proxy go there. " + REFUSES);
    }

    @Test
    void aRefusalNotCausedByTimeNamesBothSides() {
        TokenStatus tokenStatus = TokenStatuses.with(
                TokenStatuses.usable(TokenStatuses.of(NOW, new Verdict.Refused(TokenStatuses.ADDRESS), TOKEN), TOKEN),
                TokenStatuses.named("cp-3", NOW, Duration.ZERO),
                refusedBy("cp-1"),
                refusedBy("cp-2"));

        Explanation explanation = Explanation.of(tokenStatus, NOW);

        assertThat(explanation.sentence())
                .isEqualTo(
                        "cp-1 and cp-2 refuse the token (401 Unauthorized) for a reason other than its validity time,"
                                + " cp-3 accepts it; requests through the proxy go there.");
        assertThat(explanation.advice()).startsWith("A replica may not know the token's signing key yet, or");
    }

    private static KnownReplica refusedBy(String name) {
        return new KnownReplica(
                TokenStatuses.ADDRESS,
                TokenStatuses.certificate(name),
                List.of(name),
                null,
                Finding.REFUSED,
                null,
                NOW);
    }

    @Test
    void aGuardianWithoutAProxyDoesNotMentionAProxy() {
        assertThat(sentence(TokenStatuses.withoutProxy(slow(accepting("a"), refusing("b"), accepting("c")))))
                .isEqualTo("2 of the 3 known replicas accept the token. " + REFUSES);
    }

    @Test
    void replicasWithOneCertificateAreNotCounted() {
        assertThat(sentence(slow(accepting("b"), refusing("b")))).isEqualTo(SOME + REFUSES);
    }

    @Test
    void aReplicaWithoutACertificateIsNotCounted() {
        assertThat(sentence(slow(accepting("a"), refusing(null)))).startsWith(SOME);
    }

    @Test
    void replicasAreNotCountedIfAllHaveAccepted() {
        assertThat(sentence(slow(accepting("a"), accepting("b")))).startsWith(SOME);
    }

    @Test
    void replicasAreNotCountedIfNoneHasAcceptedLately() {
        assertThat(sentence(slow(refusing("a"), refusing("b")))).startsWith(SOME);
    }

    @Test
    void findingsThatMayBeAboutTheCandidateAreNotCounted() {
        assertThat(sentence(TokenStatuses.with(slow(accepting("a"), refusing("b")), token())))
                .startsWith(SOME);
    }

    @Test
    void anotherUsableTokenIsNamedAsAnotherToken() {
        TokenStatus tokenStatus = TokenStatuses.usable(slow(accepting("a"), refusing("b")), token());

        assertThat(sentence(tokenStatus))
                .startsWith("Some replicas accept another token of this pod; requests through the proxy go there. ");
    }

    @Test
    void otherReplicasAreUnknownBeforeTheConfirmations() {
        TokenStatus tokenStatus = TokenStatuses.usable(TokenStatuses.of(NOW, new Verdict.Pending(), TOKEN), TOKEN);

        assertThat(Explanation.of(tokenStatus, NOW))
                .isEqualTo(new Explanation(SOME + "It is not known yet whether every replica accepts it.", ""));
    }

    @Test
    void anExpiryByASingleClockIsThatClocksFaultAndNotKubelets() {
        Explanation explanation = Explanation.of(fast(NOW, AHEAD), NOW);

        assertThat(explanation)
                .isEqualTo(new Explanation(
                        "1 of the 2 known replicas accepts the token; requests through the proxy go there."
                                + " The API server replica b, whose clock is 11 min 40 s ahead of this node's,"
                                + " treats the token as expired: by that clock it is past 2026-03-01T12:11:00Z, the"
                                + " last time at which it accepts the token.",
                        "Set b's clock (NTP)."));
    }

    private static String sentence(TokenStatus tokenStatus) {
        return Explanation.of(tokenStatus, NOW).sentence();
    }

    private static Token token() {
        return TestTokens.issuedAt(FROM.plusSeconds(60)).expiresAt(EXPIRES).token();
    }

    private static TokenStatus slow(KnownReplica... replicas) {
        Instant by = NOW.plusSeconds(119);
        Verdict verdict =
                new Verdict.NotYetValid(TokenStatuses.ADDRESS, "b", FROM, by, by, new OffsetInterval(BEHIND, BEHIND));
        return TokenStatuses.with(TokenStatuses.usable(TokenStatuses.of(NOW, verdict, TOKEN), TOKEN), replicas);
    }

    private static TokenStatus fast(Instant at, @Nullable Duration ahead) {
        Verdict verdict = new Verdict.Expired(TokenStatuses.ADDRESS, "b", UNTIL);
        return TokenStatuses.with(
                TokenStatuses.usable(TokenStatuses.of(at, verdict, TOKEN), TOKEN),
                accepting("a"),
                replica("b", TokenStatuses.replica(Finding.EXPIRED, at, ahead)));
    }

    private static KnownReplica accepting(String certificate) {
        return replica(certificate, TokenStatuses.replica(Finding.ACCEPTED, NOW, Duration.ZERO));
    }

    private static KnownReplica refusing(@Nullable String certificate) {
        return replica(certificate, TokenStatuses.replica(Finding.NOT_YET_VALID, NOW, BEHIND));
    }

    private static KnownReplica replica(@Nullable String certificate, KnownReplica of) {
        return new KnownReplica(
                of.address(), certificate, List.of(), of.clock(), of.finding(), of.user(), of.lastResultAt());
    }
}
