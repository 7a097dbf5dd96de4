package io.tokenguardian.proxy.request;

/** Counts holds and retries. Called on the event loops. */
public interface RequestCounters {

    /**
     * Called when a request begins to wait.
     *
     * @param first whether it has not waited before
     */
    void holdBegins(boolean first);

    void holdEnds();

    /** Called once for each request that was held, with its waits in all. */
    void heldFor(long nanos);

    void retry(RetryReason reason);

    /** Called for a request that would have got 401 without the proxy. */
    void saved(SavedReason reason);
}
