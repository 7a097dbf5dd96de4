package io.tokenguardian.proxy;

import java.time.Duration;

/**
 * When the system asks a peer that says nothing whether it is still there. Linux by itself would take more than two hours.
 * Nothing else ends a watch whose server has vanished.
 *
 * @param idle how long the peer may be silent before it is asked; whole seconds
 * @param interval how long each answer is waited for; whole seconds
 * @param count after how many unanswered asks the connection ends
 */
public record Keepalive(Duration idle, Duration interval, int count) {

    /** A minute and a half, all in all. */
    public static final Keepalive DEFAULT = new Keepalive(Duration.ofSeconds(30), Duration.ofSeconds(10), 6);
}
