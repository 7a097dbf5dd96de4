package io.tokenguardian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.cli.AcceptanceWait.Outcome;
import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The exit code and the text of {@code wait}. */
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
            Outcome outcome = new Outcome(ACCEPTED, acceptedBy, true);

            assertThat(outcome.exitCode()).isEqualTo(0);
            assertThat(printed(outcome)).containsExactly("accepted: The API server accepts the token.");
        }
    }

    @Test
    void byAnyAUsableTokenIsOneLineThatCallsItUsable() {
        Outcome outcome = new Outcome(USABLE, AcceptedBy.ANY, true);

        assertThat(outcome.exitCode()).isEqualTo(0);
        assertThat(printed(outcome)).singleElement().asString().startsWith("usable: Some replicas accept the token; ");
    }

    @Test
    void byAnyOneReplicasAcceptanceIsEnoughBeforeTheVerdict() {
        TokenStatus pending = TokenStatuses.usable(TokenStatuses.of(NOON, new Verdict.Pending(), TOKEN), TOKEN);

        assertThat(new Outcome(pending, AcceptedBy.ANY, true).exitCode()).isEqualTo(0);
    }

    @Test
    void byEveryAUsableTokenIsNotYetValid() {
        Outcome outcome = new Outcome(USABLE, AcceptedBy.EVERY, true);

        assertThat(outcome.exitCode()).isEqualTo(3);
        assertThat(printed(outcome))
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("not-yet-valid: Some replicas accept the token; "),
                        line -> assertThat(line).startsWith("That is past the timeout. Set the clocks"));
    }

    @Test
    void byAnyATokenThatNoReplicaAcceptsIsNotYetValid() {
        Outcome outcome = new Outcome(REFUSED, AcceptedBy.ANY, false);

        assertThat(outcome.exitCode()).isEqualTo(3);
        assertThat(printed(outcome))
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("not-yet-valid: The API server replica "),
                        line -> assertThat(line).startsWith("Set the clocks"));
    }

    private static List<String> printed(Outcome outcome) {
        StringWriter text = new StringWriter();
        AcceptanceWait.print(outcome, NOON, new PrintWriter(text));
        return text.toString().lines().toList();
    }
}
