package io.tokenguardian.replica;

/** What a single result shows about the token, regardless of other results. */
public enum Finding {
    ACCEPTED("accepted"),

    /**
     * A 401 dated before the window, or at its very start: the replica's clock has not reached it. Waiting fixes this.
     */
    NOT_YET_VALID("not-yet-valid"),

    /** A 401 dated at or after the window's end: on the replica's clock, the window has ended. */
    EXPIRED("expired"),

    /** A 401 that no clock explains: waiting does not fix the cause, for example the audience or a deleted account. */
    REFUSED("refused"),

    /** No response, or one that shows nothing about the token because it may come from a load balancer. */
    UNREACHABLE("unreachable");

    private final String word;

    Finding(String word) {
        this.word = word;
    }

    /** Returns the word for this finding in the JSON and the metrics. The words are part of the public contract. */
    public String word() {
        return word;
    }

    public boolean isRefusal() {
        return isByClock() || this == REFUSED;
    }

    /** Whether a replica's clock explains the 401. */
    public boolean isByClock() {
        return this == NOT_YET_VALID || this == EXPIRED;
    }
}
