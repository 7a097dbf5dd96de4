package io.tokenguardian.cli;

import io.tokenguardian.command.ExitCode;
import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.status.Explanation;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;

/**
 * The result of {@code wait}.
 *
 * @param text the lines to print: the verdict ({@code usable} if enough replicas accept the token but not all do), a
 *     sentence and, after a failed wait, what to do about it
 */
record WaitOutcome(boolean isMet, int exitCode, String text) {
    private static final String TOO_SHORT =
            "The timeout ended before the API server had responded; a few seconds are enough, such as --timeout 30s.";

    /** @param beforeDeadline whether the wait ended early because waiting any longer would have been pointless */
    static WaitOutcome of(TokenStatus last, AcceptedBy acceptedBy, boolean beforeDeadline, Instant now) {
        Explanation explanation = Explanation.of(last, now);
        if (acceptedBy.isMet(last)) {
            return met(last.isAccepted() ? last.verdict().word() : "usable", explanation.sentence());
        }
        boolean tooLate = last.verdict() instanceof Verdict.NotYetValid && beforeDeadline;
        return unmet(
                ExitCode.of(last.verdict().word()),
                last.verdict().word(),
                explanation.sentence(),
                last.verdict() instanceof Verdict.Pending ? TOO_SHORT : explanation.advice(),
                tooLate);
    }

    static WaitOutcome met(String word, String sentence) {
        return new WaitOutcome(true, ExitCode.ACCEPTED, word + ": " + sentence + "\n");
    }

    /** @param tooLate whether the token becomes acceptable only after the deadline */
    static WaitOutcome unmet(int exitCode, String word, String sentence, String advice, boolean tooLate) {
        String whatToDo = (tooLate ? "That is past the timeout. " + advice : advice).strip();
        return new WaitOutcome(false, exitCode, word + ": " + sentence + "\n" + whatToDo + "\n");
    }

    String line() {
        return text.strip().replace('\n', ' ');
    }
}
