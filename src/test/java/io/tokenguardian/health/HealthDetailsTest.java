package io.tokenguardian.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The fields have the same names as in {@code /status}. */
class HealthDetailsTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Instant FROM = NOON.plusSeconds(15);
    private static final Token TOKEN = TestTokens.issuedAt(NOON).token();

    @Test
    void theVettedFilesAreReportedIfThereAreAny() {
        List<String> vetted = List.of("/a is written", "/b can't be written");

        HealthCheckResponse response = HealthDetails.response(
                        "ready", true, TokenStatuses.of(NOON, new Verdict.Pending()), AcceptedBy.EVERY, vetted, NOON)
                .build();

        assertThat(response.getData().orElseThrow()).containsEntry("vetted", "/a is written; /b can't be written");
    }

    @Test
    void anAcceptedTokenHasVerdictRuleAndExplanation() {
        assertThat(data(TokenStatuses.of(NOON, new Verdict.Accepted(NOON, null), TOKEN), AcceptedBy.EVERY))
                .isEqualTo(Map.of(
                        "verdict",
                        "accepted",
                        "usable",
                        true,
                        "acceptedBy",
                        "every",
                        "explanation",
                        "The API server accepts the token."));
    }

    @Test
    void aTokenThatSomeReplicasAcceptIsUsableAndNotAccepted() {
        TokenStatus refused = TokenStatuses.of(NOON, notYet(Duration.ofSeconds(75)), TOKEN);

        assertThat(data(TokenStatuses.usable(refused, TOKEN), AcceptedBy.ANY))
                .containsEntry("verdict", "not-yet-valid")
                .containsEntry("usable", true)
                .containsEntry("acceptedBy", "any");
        assertThat(data(refused, AcceptedBy.ANY)).containsEntry("usable", false);
    }

    @ParameterizedTest
    @CsvSource({"-1, 0", "0, 0", "1, 1", "999, 1", "1000, 1", "1001, 2"})
    void theSecondsLeftAreRoundedUp(long millis, long seconds) {
        assertThat(data(notYet(Duration.ofMillis(millis))))
                .containsEntry("verdict", "not-yet-valid")
                .containsEntry("acceptableFrom", "2026-03-01T12:00:15Z")
                .containsEntry("secondsUntilAcceptable", seconds);
    }

    @Test
    void aReplicaThatHidesItsClockLeavesTheSecondsOut() {
        assertThat(data(notYet(null)))
                .containsOnlyKeys("verdict", "usable", "acceptedBy", "explanation", "acceptableFrom");
    }

    private static Map<String, Object> data(Verdict verdict) {
        return data(TokenStatuses.of(NOON, verdict), AcceptedBy.EVERY);
    }

    private static Map<String, Object> data(TokenStatus tokenStatus, AcceptedBy acceptedBy) {
        return HealthDetails.response("ready", false, tokenStatus, acceptedBy, List.of(), NOON)
                .build()
                .getData()
                .orElseThrow();
    }

    private static Verdict notYet(@Nullable Duration left) {
        Instant by = left == null ? null : NOON.plus(left);
        return new Verdict.NotYetValid(TokenStatuses.ADDRESS, null, FROM, by, by, null);
    }
}
