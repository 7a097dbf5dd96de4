package io.tokenguardian.apiserver;

import java.math.BigDecimal;
import java.time.Duration;

/**
 * How long a question may take.
 *
 * @param connect bound of the look-up of the name and the TCP connection, and again of the TLS handshake
 * @param answer from the request to the end of the answer
 */
public record Timeouts(Duration connect, Duration answer) {

    public static final Timeouts DEFAULT = new Timeouts(Duration.ofSeconds(5), Duration.ofSeconds(10));

    /** {@code 5 s}, {@code 0.2 s}: for a person. */
    static String text(Duration duration) {
        String seconds =
                BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros().toPlainString();
        return seconds + " s";
    }
}
