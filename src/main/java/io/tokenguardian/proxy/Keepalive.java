package io.tokenguardian.proxy;

import java.time.Duration;

/**
 * The TCP keepalive of connections to the API server: when the system probes a silent peer. By default, Linux waits for
 * more than two hours. Nothing else ends a watch whose server has vanished.
 *
 * @param idle how long the peer may be silent before the first probe; whole seconds
 * @param interval how long to wait for the response to each probe; whole seconds
 * @param count after how many unanswered probes the connection ends
 */
public record Keepalive(Duration idle, Duration interval, int count) {

    /** Ends the connection after 30 s + 6 × 10 s of silence: a minute and a half. */
    public static final Keepalive DEFAULT = new Keepalive(Duration.ofSeconds(30), Duration.ofSeconds(10), 6);
}
