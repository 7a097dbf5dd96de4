package io.tokenguardian.proxy.upstream;

import io.tokenguardian.concurrent.Backoff;
import io.tokenguardian.proxy.http.ProxyFault;
import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * The failed attempts of the process to open and prove a connection, since a server last responded. After each failure
 * in the row, the next attempt has to wait. Attempts in parallel count once: an attempt that began before the last
 * result does not lengthen the row. Times are in nanoseconds on the monotonic clock. For any thread.
 */
public final class FailureRow {

    /** The longest pauses. A pause is random, from 0 to this time ("full jitter"). */
    private static final Backoff PAUSES = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2));

    private static final ConnectionFault SILENT =
            new ConnectionFault(ProxyFault.UPSTREAM_SILENT, "no connection was ready in time", false);

    private final DoubleSupplier chance;
    private int length;
    private long pausedUntil;

    /** When the last attempt failed or got a response. */
    private long lastResult;

    private long lastResponse;
    private long failures;
    private ConnectionFault lastFault = SILENT;

    public FailureRow(DoubleSupplier chance, long now) {
        this.chance = chance;
        lastResult = now;
        lastResponse = now;
    }

    /** Returns the time until the next attempt may begin. */
    synchronized long opensIn(long now) {
        return length == 0 ? 0 : Math.max(0, pausedUntil - now);
    }

    /** Called when an attempt begins. Within a row, the next attempt waits, so that few are under way at a time. */
    synchronized void begun(long now) {
        if (length > 0) {
            pause(now);
        }
    }

    /** @param begun when the attempt began */
    synchronized void failed(ConnectionFault fault, long begun, long now) {
        if (begun - lastResult >= 0) {
            length++;
            pause(now);
        }
        lastResult = now;
        failures++;
        lastFault = fault;
    }

    private void pause(long now) {
        double part = 1 - chance.getAsDouble();
        pausedUntil = now + (long) (part * PAUSES.pause(length, () -> 0).toNanos());
    }

    /** Called for each response, because a refusal shows a server that works too. Ends the row. */
    synchronized void responded(long now) {
        length = 0;
        lastResult = now;
        lastResponse = now;
        lastFault = SILENT;
    }

    /** Returns when a server last responded. */
    synchronized long lastResponse() {
        return lastResponse;
    }

    /** Returns the number of all attempts that have failed. */
    synchronized long failures() {
        return failures;
    }

    /** Returns the fault of the last failed attempt, or silence if a server has responded since. */
    synchronized ConnectionFault lastFault() {
        return lastFault;
    }
}
