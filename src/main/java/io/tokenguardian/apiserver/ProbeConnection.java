package io.tokenguardian.apiserver;

import io.tokenguardian.token.Token;
import java.util.concurrent.CompletableFuture;

/**
 * One HTTP/1.1 connection to one replica. While it is open, all responses come from the same replica, unless a load
 * balancer in between distributes individual requests. Even then, the program works correctly.
 */
public interface ProbeConnection extends AutoCloseable {

    /**
     * Checks whether the replica accepts {@code token}. Returns at once. The future completes within the
     * {@link Timeouts}. A failure is a result too. Callbacks on the future must not block, because they run on an event
     * loop. The next request must wait for this request's result.
     *
     * <p>The first call connects. After a response has closed the connection, each call results in
     * {@link ProbeOutcome.Unreachable}, because a probe connection never reconnects.
     */
    CompletableFuture<ProbeResult> probe(Token token);

    boolean isOpen();

    /** Closes the connection at once, whatever its state. */
    @Override
    void close();
}
