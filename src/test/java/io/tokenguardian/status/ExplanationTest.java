package io.tokenguardian.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.proxy.StaleCaller;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExplanationTest {
    /** All sentences. With {@code GOLDEN=write} in the environment, the file is written instead of compared. */
    private static final Path GOLDEN = Path.of("src/test/resources/status/sentences.txt");

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Token TOKEN = TestTokens.issuedAt(NOW).token();

    private final StringBuilder sentences = new StringBuilder();

    @Test
    void everySentenceEqualsTheGoldenFile() throws IOException {
        for (ClockCause cause : ClockCause.values()) {
            add(cause.name(), ClockCauseTest.example(cause));
        }
        for (Verdict verdict : verdicts()) {
            add(verdict.word(), status(verdict));
        }
        for (Verdict verdict : verdicts().subList(0, 4)) {
            add("off, " + verdict.word(), TokenStatuses.off(status(verdict)));
        }
        add("accepted without a user", status(new Verdict.Accepted(NOW, null)));
        for (int offset : new int[] {-75, 75, -45, 45}) {
            Explanation.warnings(ClockCauseTest.accepted(offset, 0, 0))
                    .forEach((clock, warning) -> add("a clock is " + offset + " s ahead", warning));
        }
        Explanation.warnings(ClockCauseTest.accepted(-75)).forEach((clock, warning) -> add("only two clocks", warning));
        for (boolean passedOn : new boolean[] {false, true}) {
            callers(passedOn).forEach(caller -> add("stale caller", StaleCallerText.of(caller, NOW)));
        }

        if ("write".equals(System.getenv("GOLDEN"))) {
            Files.writeString(GOLDEN, sentences);
        }
        assertThat(sentences.toString()).isEqualTo(Files.readString(GOLDEN));
    }

    private static List<Verdict> verdicts() {
        Duration behind = Duration.ofSeconds(-75);
        Instant by = NOW.plusMillis(15_250);
        return List.of(
                new Verdict.Pending(),
                new Verdict.Unreadable("token file /token is empty"),
                new Verdict.Unreachable("10.96.0.1:443 answered 503"),
                new Verdict.Accepted(NOW, TokenStatuses.USER),
                new Verdict.NotYetValid(
                        TokenStatuses.ADDRESS, null, NOW.minusSeconds(60), by, by, new OffsetInterval(behind, behind)),
                new Verdict.Refused(TokenStatuses.ADDRESS),
                new Verdict.Expired(TokenStatuses.ADDRESS, null, NOW));
    }

    /** The first three have a token of this pod: replaced, replaced and expired, and older than the guardian. */
    private static List<StaleCaller> callers(boolean passedOn) {
        Instant issued = NOW.minus(Duration.ofHours(27));
        Instant replaced = NOW.minus(Duration.ofHours(26));
        return List.of(
                new StaleCaller("app", issued, replaced, NOW.plus(Duration.ofMinutes(125)), 1, NOW, passedOn),
                new StaleCaller("app", issued, replaced, NOW.minusSeconds(1), 1, NOW, passedOn),
                new StaleCaller("app", issued, null, null, 1, NOW, passedOn),
                new StaleCaller("none", null, null, null, 1, NOW, passedOn),
                new StaleCaller("other", null, null, null, 1, NOW, passedOn));
    }

    private static TokenStatus status(Verdict verdict) {
        return TokenStatuses.of(NOW, verdict, TOKEN);
    }

    private void add(String name, TokenStatus tokenStatus) {
        sentences.append(name).append("\n  ").append(Explanation.headline(tokenStatus));
        add("", Explanation.of(tokenStatus, NOW));
    }

    private void add(String name, Explanation explanation) {
        sentences.append(name).append("\n  ").append(explanation.sentence()).append("\n");
        explanation
                .advice()
                .lines()
                .forEach(advice -> sentences.append("  ").append(advice).append("\n"));
    }

    @Test
    void aTokenAndAClockThousandsOfYearsAheadAreExplained() {
        Instant last = Instant.parse("9999-12-31T23:59:59Z");
        Duration ahead = Duration.between(NOW, last);
        Verdict verdict = new Verdict.NotYetValid(
                TokenStatuses.ADDRESS, null, last, last, last, new OffsetInterval(ahead.negated(), ahead.negated()));
        Token far = TestTokens.issuedAt(last)
                .expiresAt(last)
                .kubernetes("warnafter", null)
                .token();

        Explanation explanation = Explanation.of(TokenStatuses.of(NOW, verdict, far, NOW), NOW);

        assertThat(explanation.sentence()).contains("2912383 d 11 h behind", "in 2912383 d 11 h.");
    }

    @Test
    void anExplanationWithAQuestionMarkGetsNoFullStop() {
        Verdict verdict = new Verdict.Unreadable("token file /token does not exist: is the volume mounted?");

        assertThat(Explanation.of(status(verdict), NOW).sentence())
                .isEqualTo("Token file /token does not exist: is the volume mounted?");
    }

    @Test
    void anExplanationWithAFullStopGetsNoOther() {
        assertThat(Explanation.of(status(new Verdict.Unreachable("No answer.")), NOW)
                        .sentence())
                .isEqualTo("No answer.");
    }
}
