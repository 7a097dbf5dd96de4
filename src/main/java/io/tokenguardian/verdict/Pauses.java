package io.tokenguardian.verdict;

import io.tokenguardian.concurrent.Backoff;
import java.time.Duration;

/** The pauses between questions that did not help. */
final class Pauses {
    /** After a refusal that time heals, when the moment should have come: an answer that crossed the second. */
    static final Backoff CROSSING = new Backoff(Duration.ofMillis(20), Duration.ofSeconds(10));

    /** After no answer. */
    static final Backoff UNREACHABLE = new Backoff(Duration.ofMillis(250), Duration.ofSeconds(10));

    /** After a refusal that time does not heal. */
    static final Backoff REFUSED = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));

    private Pauses() {}
}
