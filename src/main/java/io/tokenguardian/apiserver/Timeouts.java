package io.tokenguardian.apiserver;

import java.math.BigDecimal;
import java.time.Duration;

/**
 * The time limits of a probe.
 *
 * @param connect for the name look-up and the TCP connection together, and again for the TLS handshake
 * @param response from sending the request to the end of the response
 */
public record Timeouts(Duration connect, Duration response) {

    public static final Timeouts DEFAULT = new Timeouts(Duration.ofSeconds(5), Duration.ofSeconds(10));

    /** Formats a duration for display, such as {@code 5 s} or {@code 0.2 s}. */
    static String text(Duration duration) {
        String seconds =
                BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros().toPlainString();
        return seconds + " s";
    }
}
