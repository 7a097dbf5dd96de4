package io.tokenguardian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaitOutcomeTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Token TOKEN = TestTokens.issuedAt(NOON).token();
    private static final TokenStatus ACCEPTED = TokenStatuses.of(NOON, new Verdict.Accepted(NOON, null), TOKEN);
    private static final TokenStatus REFUSED = TokenStatuses.of(
            NOON,
            new Verdict.NotYetValid(
                    TokenStatuses.ADDRESS, null, NOON, NOON.plusSeconds(75), NOON.plusSeconds(75), null),
            TOKEN);
    private static final TokenStatus USABLE = TokenStatuses.usable(REFUSED, TOKEN);

    @Test
    void anAcceptedTokenIsOneLineByEitherRule() {
        for (AcceptedBy acceptedBy : AcceptedBy.values()) {
            WaitOutcome outcome = WaitOutcome.of(ACCEPTED, acceptedBy, true, NOON);

            assertThat(outcome.exitCode()).isEqualTo(0);
            assertThat(printed(outcome)).containsExactly("accepted: The API server accepts the token.");
        }
    }

    @Test
    void byAnyAUsableTokenIsOneLineThatCallsItUsable() {
        WaitOutcome outcome = WaitOutcome.of(USABLE, AcceptedBy.ANY, true, NOON);

        assertThat(outcome.exitCode()).isEqualTo(0);
        assertThat(printed(outcome))
                .singleElement()
                .asString()
                .startsWith("usable: The API server replica 10.96.0.1:443 refuses the token ");
    }

    @Test
    void byAnyOneReplicasAcceptanceIsEnoughBeforeTheVerdict() {
        TokenStatus pending = TokenStatuses.usable(TokenStatuses.of(NOON, new Verdict.Pending(), TOKEN), TOKEN);

        assertThat(WaitOutcome.of(pending, AcceptedBy.ANY, true, NOON).exitCode())
                .isEqualTo(0);
    }

    @Test
    void byEveryAUsableTokenIsNotYetValid() {
        WaitOutcome outcome = WaitOutcome.of(USABLE, AcceptedBy.EVERY, true, NOON);

        assertThat(outcome.exitCode()).isEqualTo(3);
        assertThat(printed(outcome))
                .satisfiesExactly(
                        line -> assertThat(line)
                                .startsWith("not-yet-valid: The API server replica 10.96.0.1:443 refuses the token "),
                        line -> assertThat(line).startsWith("That is past the timeout. Correct the clocks"));
    }

    @Test
    void byAnyATokenThatNoReplicaAcceptsIsNotYetValid() {
        WaitOutcome outcome = WaitOutcome.of(REFUSED, AcceptedBy.ANY, false, NOON);

        assertThat(outcome.exitCode()).isEqualTo(3);
        assertThat(printed(outcome))
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("not-yet-valid: The API server replica "),
                        line -> assertThat(line).startsWith("Correct the clocks"));
    }

    @Test
    void whereTheTimeoutEndsBeforeAnyResponseALongerOneIsAdvised() {
        TokenStatus pending = TokenStatuses.of(NOON, new Verdict.Pending(), TOKEN);

        WaitOutcome outcome = WaitOutcome.of(pending, AcceptedBy.EVERY, false, NOON);

        assertThat(outcome.exitCode()).isEqualTo(7);
        assertThat(printed(outcome))
                .last()
                .asString()
                .startsWith("The timeout ended before the API server had responded");
    }

    private static List<String> printed(WaitOutcome outcome) {
        return outcome.text().lines().toList();
    }
}
