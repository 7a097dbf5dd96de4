package io.tokenguardian.proxy;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpMethod;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the data path counts; written on its event loops by nothing more than an addition, summed up by whoever reads.
 */
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

    /**
     * Requests of one kind that got the head of an answer, the proxy's own answers included.
     *
     * @param method in capitals, or {@code other}
     * @param statusClass {@code 1xx} (a tunnel) to {@code 5xx}
     */
    public record Answered(String method, String statusClass, long count) {}

    private final LongAdder requests = new LongAdder();
    private final LongAdder held = new LongAdder();
    private final LongAdder holding = new LongAdder();
    private final LongAdder refusedByRule = new LongAdder();
    private final LongAdder upstreamConnections = new LongAdder();
    private final LongAdder callerConnections = new LongAdder();
    private final Map<RetryReason, LongAdder> retries = new EnumMap<>(RetryReason.class);
    private final AnsweredRequests answered = new AnsweredRequests();
    private final HeldTimes heldTimes = new HeldTimes();

    /** Counts of a proxy that has done nothing yet. */
    public ProxyCounters() {
        EnumSet.allOf(RetryReason.class).forEach(reason -> retries.put(reason, new LongAdder()));
    }

    public Snapshot snapshot() {
        long retried = retries().values().stream().mapToLong(Long::longValue).sum();
        return new Snapshot(requests.sum(), held.sum(), holding.sum(), retried, refusedByRule.sum());
    }

    /** What {@link Snapshot#retries} is made of; every reason is there. */
    public Map<RetryReason, Long> retries() {
        Map<RetryReason, Long> counts = new EnumMap<>(RetryReason.class);
        retries.forEach((reason, count) -> counts.put(reason, count.sum()));
        return Collections.unmodifiableMap(counts);
    }

    /** The pairs of method and status that have occurred. */
    public List<Answered> answered() {
        return answered.snapshot();
    }

    /** How long the requests that no longer wait had to. */
    public HeldTimes.Snapshot heldTimes() {
        return heldTimes.snapshot();
    }

    /** Connections to the API server that are open now, TLS and all. */
    public long upstreamConnections() {
        return upstreamConnections.sum();
    }

    /** Callers' connections that are open now, tunnels among them. */
    public long callerConnections() {
        return callerConnections.sum();
    }

    void request() {
        requests.increment();
    }

    void answered(HttpMethod method, int status) {
        answered.count(method, status);
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

    void heldFor(long nanos) {
        heldTimes.record(nanos);
    }

    void retry(RetryReason reason) {
        Objects.requireNonNull(retries.get(reason)).increment();
    }

    void refusedByRule() {
        refusedByRule.increment();
    }

    /** Counts {@code channel} for as long as it is open. */
    void upstreamConnected(Channel channel) {
        whileOpen(channel, upstreamConnections);
    }

    /** Counts {@code channel} for as long as it is open. */
    void callerConnected(Channel channel) {
        whileOpen(channel, callerConnections);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the listener is all that is wanted
    private static void whileOpen(Channel channel, LongAdder connections) {
        connections.increment();
        channel.closeFuture().addListener(closed -> connections.decrement());
    }
}
