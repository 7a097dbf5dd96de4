package io.tokenguardian.proxy.upstream;

import io.tokenguardian.concurrent.Backoff;
import io.tokenguardian.proxy.http.ProxyFault;
import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * The failed attempts of the process to open and prove a connection, since a server last responded, and the new
 * connections that ended before the response to their first request. After each failure in the row, the next attempt
 * has to wait. Attempts in parallel count once: an attempt that began before the last result does not lengthen the row.
 * Times are in nanoseconds on the monotonic clock. For any thread.
 */
public final class FailureRow {

    /** The longest pauses. A pause is random, from 0 to this time ("full jitter"). */
    private static final Backoff PAUSES = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2));

    private static final ConnectionFault SILENT =
            new ConnectionFault(ProxyFault.UPSTREAM_SILENT, "no connection was ready in time", false);

    private final DoubleSupplier chance;
    private int length;

    /** Whether a response was lost in the row. A response to a proof then does not show a server that works. */
    private boolean losesResponses;

    private long lastLoss;
    private long pausedUntil;

    /** When the last attempt failed or got a response. */
    private long lastResult;

    private long lastResponse;
    private long failures;
    private ConnectionFault lastFault = SILENT;

    public FailureRow(DoubleSupplier chance, long now) {
        this.chance = chance;
        lastResult = now;
        lastLoss = now;
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

    /**
     * Called when a connection ends before the response to its first request. Losses in parallel count once.
     *
     * @param opened when the connection was opened
     */
    synchronized void lost(long opened, long now) {
        if (!losesResponses || opened - lastLoss >= 0) {
            length++;
            pause(now);
        }
        losesResponses = true;
        lastLoss = now;
    }

    /** Called for the first response to a request over a connection. Returns whether it ends the row. */
    synchronized boolean served() {
        boolean ends = losesResponses;
        if (ends) {
            losesResponses = false;
            length = 0;
        }
        return ends;
    }

    private void pause(long now) {
        double part = 1 - chance.getAsDouble();
        pausedUntil = now + (long) (part * PAUSES.pause(length, () -> 0).toNanos());
    }

    /**
     * Called for each response to a proof, because a refusal shows a server that works too. Ends the row, unless a
     * response to a request was lost in it.
     */
    synchronized void responded(long now) {
        if (!losesResponses) {
            length = 0;
        }
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
