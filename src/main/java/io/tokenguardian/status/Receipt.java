package io.tokenguardian.status;

import io.tokenguardian.clock.Seconds;
import io.tokenguardian.proxy.ProxyCounters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The sentence about the requests that the proxy has saved from a 401. */
public final class Receipt {
    private Receipt() {}

    /** The sentence for counters that have been running for {@code counted}. */
    public static String of(ProxyCounters.Snapshot counters, Duration counted) {
        ProxyCounters.Saved saved = counters.saved();
        List<String> reasons = new ArrayList<>();
        add(reasons, saved.clock(), "because of a replica's clock");
        add(reasons, saved.rotation(), "with a token that had been replaced");
        add(reasons, saved.unexplained(), "for a reason that no clock explains");
        return "In %s: %s; %s would have got 401%s; %s."
                .formatted(
                        Seconds.text(counted),
                        counters.requests() == 1 ? "1 request" : number(counters.requests()) + " requests",
                        saved.all() == 0 ? "none" : number(saved.all()),
                        reasons.isEmpty() ? "" : " (" + String.join(", ", reasons) + ")",
                        saved.longestHold().isZero()
                                ? "none had to wait"
                                : "longest wait " + Seconds.text(saved.longestHold()));
    }

    private static void add(List<String> reasons, long count, String reason) {
        if (count > 0) {
            reasons.add(number(count) + " " + reason);
        }
    }

    private static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
