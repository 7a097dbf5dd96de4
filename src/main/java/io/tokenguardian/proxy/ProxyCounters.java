package io.tokenguardian.proxy;

import java.util.concurrent.atomic.LongAdder;

/** What the data path counts; written on its event loops, read from anywhere as a {@link Snapshot}. */
public final class ProxyCounters {

    /**
     * The counts of one moment, read one after the other.
     *
     * @param requests request heads that were read, refused ones included
     * @param held requests that had to wait for an accepted token, so far
     * @param holding requests that wait right now
     * @param retries times a request was sent again
     * @param refusedByRule requests refused with 403 by a rule
     */
    public record Snapshot(long requests, long held, long holding, long retries, long refusedByRule) {}

    private final LongAdder requests = new LongAdder();
    private final LongAdder held = new LongAdder();
    private final LongAdder holding = new LongAdder();
    private final LongAdder retries = new LongAdder();
    private final LongAdder refusedByRule = new LongAdder();

    ProxyCounters() {}

    public Snapshot snapshot() {
        return new Snapshot(requests.sum(), held.sum(), holding.sum(), retries.sum(), refusedByRule.sum());
    }

    void request() {
        requests.increment();
    }

    void firstHold() {
        held.increment();
    }

    void holdBegins() {
        holding.increment();
    }

    void holdEnds() {
        holding.decrement();
    }

    void retry() {
        retries.increment();
    }

    void refusedByRule() {
        refusedByRule.increment();
    }
}
