package io.tokenguardian.verdict;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import java.time.Instant;

/** What a single result shows about the token, regardless of other results. */
public enum Finding {
    ACCEPTED("accepted"),
    NOT_YET_VALID("not-yet-valid"),
    EXPIRED("expired"),
    REFUSED("refused"),
    UNREACHABLE("unreachable");

    private final String word;

    Finding(String word) {
        this.word = word;
    }

    /** Returns the word for this finding in the JSON and the metrics. The words are part of the public contract. */
    public String word() {
        return word;
    }

    /** Without a {@code Date}, a 401 is judged by the local time, so the finding is only probable. */
    public static Finding of(TokenTerms terms, ProbeResult result) {
        ProbeOutcome outcome = result.outcome();
        if (outcome instanceof ProbeOutcome.Authenticated) {
            return ACCEPTED;
        }
        if (!(outcome instanceof ProbeOutcome.Unauthorized)) {
            return UNREACHABLE;
        }
        Instant date = result.date() == null ? result.receivedAt() : result.date();
        return switch (RefusalCause.of(terms.window(), date)) {
            case NOT_YET_VALID, CROSSING -> NOT_YET_VALID;
            case EXPIRED -> EXPIRED;
            case OTHER -> REFUSED;
        };
    }
}
