package io.tokenguardian.verdict;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.concurrent.Backoff;
import java.time.Duration;
import java.util.function.DoubleSupplier;

/** The pauses between probes that made no progress. */
final class Pauses {
    /** After a refusal that may have ended already: a 401 from just before the window began, or one to confirm. */
    static final Backoff CROSSING = new Backoff(Duration.ofMillis(20), Duration.ofSeconds(10));

    /** After a probe without a response, or after a refusal by a replica whose clock is unknown. */
    static final Backoff UNREACHABLE = new Backoff(Duration.ofMillis(250), Duration.ofSeconds(10));

    /** After a refusal that waiting does not fix. */
    static final Backoff REFUSED = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));

    private Pauses() {}

    /**
     * Returns the pause that a response requests with {@code Retry-After}, plus a random part; {@code atLeast} if that
     * is longer.
     */
    static Duration requested(ProbeOutcome outcome, Duration atLeast, DoubleSupplier chance) {
        Duration wished = outcome.retryAfter();
        return wished != null && wished.compareTo(atLeast) > 0 ? Backoff.lengthened(wished, chance) : atLeast;
    }
}
