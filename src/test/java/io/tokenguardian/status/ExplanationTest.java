package io.tokenguardian.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.guardian.JudgedBy;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ExplanationTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Instant FROM = NOW.minusSeconds(60);
    private static final Token TOKEN = TestTokens.issuedAt(FROM.plusSeconds(60)).token();

    @Test
    void accepted() {
        assertThat(explain(new Verdict.Accepted(NOW, TokenStatuses.USER)))
                .isEqualTo(new Explanation("The API server accepts the token of system:serviceaccount:shop:cart.", ""));
    }

    @Test
    void acceptedByAServerThatNamesNoUser() {
        assertThat(explain(new Verdict.Accepted(NOW, null)).sentence()).isEqualTo("The API server accepts the token.");
    }

    @Test
    void acceptanceByReviewsOrClocksIsStatedAsSuch() {
        Verdict accepted = new Verdict.Accepted(NOW, TokenStatuses.USER);

        assertThat(explain(accepted, JudgedBy.REVIEWS))
                .isEqualTo(new Explanation(
                        "The API server accepts the token of system:serviceaccount:shop:cart for its audience.", ""));
        assertThat(explain(new Verdict.Accepted(NOW, null), JudgedBy.CLOCKS))
                .isEqualTo(new Explanation("The token is valid by the clocks of all known API server replicas.", ""));
    }

    @Test
    void aTokenThatWasNotSentWasNotRefusedWith401() {
        Explanation notYet = explain(notYet(Duration.ofSeconds(-75), Duration.ofMillis(15_250)), JudgedBy.CLOCKS);

        assertThat(notYet.sentence())
                .isEqualTo("The API server replica at 10.96.0.1:443, whose clock is 1 min 15 s behind this node's, does"
                        + " not accept the token until it is 2026-03-01T11:59:00Z on its own clock: in 15.3 s.");
        assertThat(notYet.advice()).endsWith(" or longer.");
        assertThat(explain(new Verdict.Refused("", null, "it is for [vault], not for [bank]"), JudgedBy.CLOCKS)
                        .sentence())
                .isEqualTo("The token is not usable: it is for [vault], not for [bank].");
    }

    @Test
    void theReasonOfAReviewIsStated() {
        Explanation withReason =
                explain(new Verdict.Refused(TokenStatuses.ADDRESS, null, "the account is gone"), JudgedBy.REVIEWS);
        Explanation withoutReason = explain(new Verdict.Refused(TokenStatuses.ADDRESS), JudgedBy.REVIEWS);

        assertThat(withReason.sentence())
                .isEqualTo(
                        "The API server replica at 10.96.0.1:443 does not accept the token, for a reason other than its"
                                + " validity time: waiting won't help. The reason: The account is gone.");
        assertThat(withReason.advice()).contains("Deleting the pod");
        assertThat(withoutReason.sentence()).endsWith("waiting won't help.");
        assertThat(withoutReason.advice()).contains("The API server's log says why");
    }

    @Test
    void aDisabledGuardianIsReportedFirst() {
        assertThat(explain(new Verdict.Accepted(NOW, null), JudgedBy.NOBODY).sentence())
                .startsWith("The guardian is off (guardian.disabled): it treats the token in the file as accepted");
        assertThat(explain(new Verdict.Unreadable("token file /token does not exist"), JudgedBy.NOBODY)
                        .sentence())
                .isEqualTo("The guardian is off (guardian.disabled), and has no token: token file /token does not"
                        + " exist.");
        assertThat(explain(new Verdict.Pending(), JudgedBy.NOBODY).sentence())
                .isEqualTo("The guardian is off (guardian.disabled), and has not read the token yet.");
    }

    private static Explanation explain(Verdict verdict, JudgedBy judgedBy) {
        return Explanation.of(TokenStatuses.with(TokenStatuses.of(NOW, verdict, TOKEN), judgedBy), NOW);
    }

    @Test
    void theLastingSentenceOmitsTheTimeLeft() {
        TokenStatus tokenStatus =
                TokenStatuses.of(NOW, notYet(Duration.ofSeconds(-75), Duration.ofMillis(15_250)), TOKEN);

        assertThat(Explanation.withoutTimeLeft(tokenStatus).sentence())
                .startsWith("The API server replica at 10.96.0.1:443, whose clock is 1 min 15 s behind this node's,")
                .endsWith(" until it is 2026-03-01T11:59:00Z on its own clock.");
    }

    @Test
    void notYetValidByAReplicaThatHidesItsClock() {
        assertThat(sentence(new Verdict.NotYetValid(TokenStatuses.ADDRESS, null, FROM, null, null, null)))
                .isEqualTo("The API server replica at 10.96.0.1:443 refuses the token (401 Unauthorized) until it is"
                        + " 2026-03-01T11:59:00Z on its own clock.");
    }

    @Test
    void theTimeLeftIsNeverNegative() {
        assertThat(sentence(notYet(Duration.ofSeconds(-75), Duration.ZERO))).endsWith("on its own clock: in 0.0 s.");
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
    void expired() {
        Explanation explanation = explain(new Verdict.Expired(TokenStatuses.ADDRESS, null, FROM));

        assertThat(explanation.sentence())
                .isEqualTo("The token has expired: by the clock of the API server replica at 10.96.0.1:443 it is past"
                        + " 2026-03-01T11:59:00Z, the last time at which it accepts the token.");
        assertThat(explanation.advice()).contains("kubelet", "Deleting the pod");
    }

    @Test
    void refused() {
        Explanation explanation = explain(new Verdict.Refused(TokenStatuses.ADDRESS));

        assertThat(explanation.sentence())
                .isEqualTo(
                        "The API server replica at 10.96.0.1:443 refuses the token (401 Unauthorized), for a reason other than"
                                + " its validity time: waiting won't help.");
        assertThat(explanation.advice()).contains("The API server's log says why");
    }

    @Test
    void unreadableRepeatsTheFilesExplanationAsASentence() {
        Explanation explanation = explain(new Verdict.Unreadable("token file /token is empty"));

        assertThat(explanation.sentence()).isEqualTo("Token file /token is empty.");
        assertThat(explanation.advice()).contains("guardian.token.path");
    }

    @Test
    void anExplanationWithAQuestionMarkGetsNoFullStop() {
        assertThat(explain(new Verdict.Unreadable("token file /token does not exist: is the volume mounted?"))
                        .sentence())
                .isEqualTo("Token file /token does not exist: is the volume mounted?");
    }

    @Test
    void anExplanationWithAFullStopGetsNoOther() {
        assertThat(explain(new Verdict.Unreachable("No answer.")).sentence()).isEqualTo("No answer.");
    }

    @Test
    void unreachable() {
        Explanation explanation = explain(new Verdict.Unreachable("10.96.0.1:443 answered 503"));

        assertThat(explanation.sentence()).isEqualTo("10.96.0.1:443 answered 503.");
        assertThat(explanation.advice()).contains("guardian.api-server.url", "guardian.api-server.ca");
    }

    @Test
    void pending() {
        assertThat(explain(new Verdict.Pending()))
                .isEqualTo(new Explanation("It is not known yet whether the API server accepts the token.", ""));
    }

    private static Explanation explain(Verdict verdict) {
        return Explanation.of(TokenStatuses.of(NOW, verdict), NOW);
    }

    private static String sentence(Verdict verdict) {
        return Explanation.of(TokenStatuses.of(NOW, verdict, TOKEN), NOW).sentence();
    }

    private static Verdict notYet(Duration offset, @Nullable Duration left) {
        Instant by = left == null ? null : NOW.plus(left);
        return new Verdict.NotYetValid(TokenStatuses.ADDRESS, null, FROM, by, by, new OffsetInterval(offset, offset));
    }
}
