package io.tokenguardian.status;

import static io.tokenguardian.status.ComparedClocksTest.NOON;
import static io.tokenguardian.status.ComparedClocksTest.expired;
import static io.tokenguardian.status.ComparedClocksTest.notYetValid;
import static io.tokenguardian.status.ComparedClocksTest.replica;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.proxy.StaleCaller;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ExplanationTest {
    /** The text of each cause. With {@code GOLDEN=write} in the environment, it is written instead of compared. */
    private static final Path GOLDEN = Path.of("src/test/resources/status/sentences.txt");

    private static final Token TOKEN = ComparedClocksTest.token(0);
    private static final Verdict ACCEPTED = new Verdict.Accepted(NOON, TokenStatuses.USER);

    @Test
    void theTextOfEachCauseEqualsTheGoldenFile() throws IOException {
        StringBuilder texts = new StringBuilder();
        for (ReportedCause cause : ReportedCause.values()) {
            Explanation explanation = example(cause);
            texts.append(cause).append("\n  ").append(explanation.sentence()).append("\n");
            explanation
                    .advice()
                    .lines()
                    .forEach(advice -> texts.append("  ").append(advice).append("\n"));
        }

        if ("write".equals(System.getenv("GOLDEN"))) {
            Files.writeString(GOLDEN, texts);
        }
        assertThat(texts.toString()).isEqualTo(Files.readString(GOLDEN)).doesNotContain("{");
    }

    private static Explanation example(ReportedCause cause) {
        TokenStatus status = status(cause);
        return switch (cause) {
            case CLOCK_OFF, CLOCK_BEHIND, CLOCK_AHEAD, NODE_CLOCK_OFF ->
                ClockWarnings.of(status).values().iterator().next();
            case TOKEN_KEPT -> Explanation.keptToken(status).orElseThrow();
            case STALE_CALLER -> StaleCallerText.of(caller(NOON, false));
            case FOREIGN_CALLER -> StaleCallerText.of(caller(null, true));
            default -> Explanation.of(status, status.at());
        };
    }

    /** Returns a status with this cause. */
    static TokenStatus status(ReportedCause cause) {
        return switch (cause) {
            case ACCEPTED, STALE_CALLER, FOREIGN_CALLER -> accepted();
            case OFF -> TokenStatuses.off(accepted());
            case OFF_PENDING -> TokenStatuses.off(status(ReportedCause.PENDING));
            case OFF_UNREADABLE -> TokenStatuses.off(status(ReportedCause.UNREADABLE));
            case PENDING -> TokenStatuses.of(NOON, new Verdict.Pending(), TOKEN);
            case UNREADABLE -> TokenStatuses.of(NOON, new Verdict.Unreadable("token file /token is empty"));
            case UNREACHABLE -> TokenStatuses.of(NOON, new Verdict.Unreachable("10.96.0.1:443 answered 503"), TOKEN);
            case REFUSED -> TokenStatuses.of(NOON, new Verdict.Refused(TokenStatuses.ADDRESS, null), TOKEN);
            case REFUSED_BY_SOME -> TokenStatuses.usable(status(ReportedCause.REFUSED), TOKEN);
            case REPLICA_BEHIND -> notYetValid("cp-2", -75, 0, replica("cp-1", 0), replica("cp-3", 1));
            case REPLICA_FAR_BEHIND -> notYetValid("cp-2", -100_000, 0, replica("cp-1", 0));
            case ISSUER_AHEAD -> notYetValid("cp-2", 0, 120, replica("cp-3", 1));
            case KNOWN_ISSUER_AHEAD -> notYetValid("cp-2", 0, 119, replica("cp-1", 120), replica("cp-3", 1));
            case CLOCK_HIDDEN -> notYet(NOON.plusSeconds(60), null);
            case REPLICA_AHEAD -> expired("cp-2", 4_000, NOON, replica("cp-1", 0));
            case NODE_BEHIND -> expired("cp-2", 4_000, NOON, replica("cp-1", 4_000), replica("cp-3", 4_001));
            case EXPIRED -> expired("cp-2", 70, ComparedClocksTest.END);
            case CLOCK_OFF -> accepted(-45);
            case CLOCK_BEHIND -> accepted(-75, 0, 0);
            case CLOCK_AHEAD -> accepted(75, 0, 0);
            case NODE_CLOCK_OFF -> accepted(-75, -75, -75);
            case TOKEN_KEPT -> TokenStatuses.kept(accepted(0, 0), "/token: no such file");
        };
    }

    /** Returns the status of a token that replicas with these clocks accept. Offsets are in seconds. */
    private static TokenStatus accepted(int... offsets) {
        return TokenStatuses.with(
                TokenStatuses.of(NOON, ACCEPTED, TOKEN, NOON),
                IntStream.range(0, offsets.length)
                        .mapToObj(i -> replica("cp-" + (i + 1), offsets[i]))
                        .toArray(KnownReplica[]::new));
    }

    private static TokenStatus notYet(Instant from, @Nullable Duration ahead) {
        OffsetInterval offset = ahead == null ? null : new OffsetInterval(ahead, ahead);
        Instant by = ahead == null ? null : from.minus(ahead);
        return TokenStatuses.of(
                NOON, new Verdict.NotYetValid(TokenStatuses.ADDRESS, null, from, by, by, offset), TOKEN, NOON);
    }

    private static StaleCaller caller(@Nullable Instant issued, boolean passedOn) {
        Instant end = issued == null ? null : issued.plusSeconds(3_660);
        return new StaleCaller("okhttp/4.12", issued, issued, end, 1, NOON, passedOn);
    }

    @Test
    void aUserAgentThatLooksLikeANameIsShownAsItIs() {
        StaleCaller caller = new StaleCaller("{issued}{expiry}{treatment}", null, null, null, 1, NOON, false);

        assertThat(StaleCallerText.of(caller).sentence()).contains("(user agent {issued}{expiry}{treatment})");
    }

    @Test
    void aTokenThatNeverEndsIsNotSaidToEnd() {
        assertThat(StaleCallerText.of(new StaleCaller("app", NOON, null, null, 1, NOON, false))
                        .sentence())
                .contains("issued at 2026-03-01T12:00:00Z. The proxy replaces it");
    }

    @Test
    void aTokenThatSomeReplicasAcceptIsSaidToBe() {
        TokenStatus slow = status(ReportedCause.REPLICA_BEHIND);

        assertThat(Explanation.of(TokenStatuses.usable(slow, TOKEN), NOON).sentence())
                .isEqualTo(
                        Explanation.of(slow, NOON).sentence() + " At least one replica accepts a token of this pod.");
    }

    @Test
    void aRefusalOfANewTokenIsFinalAlthoughAnotherTokenIsUsable() {
        TokenStatus other = TokenStatuses.usable(status(ReportedCause.REFUSED), ComparedClocksTest.token(1));

        assertThat(Explanation.of(other, NOON).sentence()).contains("waiting won't help");
    }

    @Test
    void aRotatedTokenIsExplainedByItsOwnVerdict() {
        Token next = ComparedClocksTest.token(100);
        TokenStatus waiting = notYet(NOON.plusSeconds(40), Duration.ZERO);

        Explanation explanation =
                Explanation.ofCandidate(new TokenStatus.Candidate(next, waiting.verdict()), accepted(0));

        assertThat(explanation.sentence())
                .startsWith(
                        "The rotated token is not in use yet; the previous token stays in use. The token was stamped"
                                + " by a clock at least 1 min 40 s ahead of this node's");
    }

    @Test
    void aTokenAndAClockThousandsOfYearsAheadAreExplained() {
        Instant last = Instant.parse("9999-12-31T23:59:59Z");
        TokenStatus far = notYet(last, Duration.between(last, NOON));

        assertThat(Explanation.of(far, NOON).sentence()).contains("2912383 d 11 h behind", "in 5824766 d 23 h.");
    }

    @Test
    void anExplanationWithAQuestionMarkGetsNoFullStop() {
        Verdict verdict = new Verdict.Unreadable("token file /token does not exist: is the volume mounted?");

        assertThat(Explanation.of(TokenStatuses.of(NOON, verdict), NOON).sentence())
                .isEqualTo("Token file /token does not exist: is the volume mounted?");
    }
}
