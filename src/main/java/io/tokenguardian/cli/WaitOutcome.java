package io.tokenguardian.cli;

import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.status.Explanation;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;

/**
 * How {@code wait} has ended.
 *
 * @param isMet whether enough replicas accept the token, so that what waited may go on
 * @param exitCode by the contract of {@link ExitCode}
 * @param word the verdict; {@code usable} if it is met without an accepted token
 * @param text the lines to print: verdict and sentence, and what to do about it if it is not met
 */
record WaitOutcome(boolean isMet, int exitCode, String word, String text) {
    private static final String TOO_SHORT =
            "The timeout ended before the API server had responded; a few seconds are enough, such as --timeout 30s.";

    /**
     * The outcome of a wait that has judged by itself.
     *
     * @param beforeDeadline whether it ended before the deadline: longer waiting could not help
     */
    static WaitOutcome of(TokenStatus last, AcceptedBy acceptedBy, boolean beforeDeadline, Instant now) {
        Explanation explanation = Explanation.of(last, now);
        if (acceptedBy.isMet(last)) {
            return met(last.isAccepted() ? last.verdict().word() : "usable", explanation.sentence());
        }
        boolean tooLate = last.verdict() instanceof Verdict.NotYetValid && beforeDeadline;
        return unmet(
                ExitCode.of(last.verdict()),
                last.verdict().word(),
                explanation.sentence(),
                last.verdict() instanceof Verdict.Pending ? TOO_SHORT : explanation.advice(),
                tooLate);
    }

    static WaitOutcome met(String word, String sentence) {
        return new WaitOutcome(true, ExitCode.ACCEPTED, word, word + ": " + sentence + "\n");
    }

    /** @param tooLate whether the token becomes acceptable only after the deadline */
    static WaitOutcome unmet(int exitCode, String word, String sentence, String advice, boolean tooLate) {
        String whatToDo = (tooLate ? "That is past the timeout. " + advice : advice).strip();
        return new WaitOutcome(false, exitCode, word, word + ": " + sentence + "\n" + whatToDo + "\n");
    }
}
