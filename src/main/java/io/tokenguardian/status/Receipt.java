package io.tokenguardian.status;

import io.tokenguardian.clock.Seconds;
import io.tokenguardian.proxy.ProxyCounters;
import java.time.Duration;
import java.util.Locale;

/** The sentence about the requests that the proxy has saved from a 401. */
public final class Receipt {
    private Receipt() {}

    /** The sentence for counters that have been running for {@code counted}. */
    public static String of(ProxyCounters.Snapshot counters, Duration counted) {
        ProxyCounters.Saved saved = counters.saved();
        return String.format(
                Locale.ROOT,
                "In %s: requests: %,d; would have got 401: %,d (because of a replica's clock: %,d, with a token that had"
                        + " been replaced: %,d, for a reason that no clock explains: %,d); longest wait: %s.",
                Seconds.text(counted),
                counters.requests(),
                saved.all(),
                saved.clock(),
                saved.rotation(),
                saved.unexplained(),
                Seconds.text(saved.longestHold()));
    }
}
