package io.tokenguardian.verdict;

import io.tokenguardian.apiserver.Answer;
import io.tokenguardian.apiserver.Reply;
import java.time.Instant;

/** What a single answer says of the token, before any other answer is looked at. */
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

    /** The contract's word. */
    public String word() {
        return word;
    }

    /**
     * Reads {@code answer}. A 401 without {@code Date} is read by the local time line, which says only what is likely.
     */
    public static Finding of(Terms terms, Answer answer) {
        Reply reply = answer.reply();
        if (reply instanceof Reply.Authenticated) {
            return ACCEPTED;
        }
        if (!(reply instanceof Reply.Unauthorized)) {
            return UNREACHABLE;
        }
        Instant date = answer.date() == null ? answer.receivedAt() : answer.date();
        return switch (RefusalCause.of(terms.window(), date)) {
            case NOT_YET_VALID, CROSSING -> NOT_YET_VALID;
            case EXPIRED -> EXPIRED;
            case OTHER -> REFUSED;
        };
    }
}
