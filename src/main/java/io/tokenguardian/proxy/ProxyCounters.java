package io.tokenguardian.proxy;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpMethod;
import io.tokenguardian.proxy.request.RequestCounters;
import io.tokenguardian.proxy.request.RetryReason;
import io.tokenguardian.proxy.request.SavedReason;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The event loops add to the counters, and readers sum them up. */
public final class ProxyCounters implements RequestCounters {

    /**
     * The counts, read one after another.
     *
     * @param requests requests whose headers were read, including refused requests
     * @param held requests that have so far had to wait for a usable token, or for a connection to an accepting replica
     * @param heldNow requests that are waiting now
     * @param retries how often a request was sent again
     * @param refusedByRule requests that a rule refused with 403
     */
    public record Snapshot(long requests, long held, long heldNow, long retries, long refusedByRule, Saved saved) {}

    /**
     * The requests that the proxy has saved from a 401, by {@link SavedReason} (docs/decisions/proxy.md).
     *
     * @param longestHold the longest total wait of any request that has ended
     */
    public record Saved(long clock, long rotation, long unexplained, Duration longestHold) {
        public long all() {
            return clock + rotation + unexplained;
        }
    }

    /**
     * The number of responses to requests of one kind, including the proxy's own responses.
     *
     * @param method the HTTP method in capitals, or {@code other}
     * @param statusClass {@code 1xx} (a tunnel) to {@code 5xx}
     */
    public record ResponseCount(String method, String statusClass, long count) {}

    private static final String OTHER = "other";
    private static final List<String> METHODS =
            List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", OTHER);

    /** The number of status classes. */
    private static final int CLASSES = 5;

    private final LongAdder requests = new LongAdder();
    private final LongAdder held = new LongAdder();
    private final LongAdder holding = new LongAdder();
    private final LongAdder refusedByRule = new LongAdder();
    private final LongAdder upstreamConnections = new LongAdder();
    private final Map<RetryReason, LongAdder> retries = new EnumMap<>(RetryReason.class);
    private final Map<SavedReason, LongAdder> saved = new EnumMap<>(SavedReason.class);
    private final LongAccumulator longestHold = new LongAccumulator(Math::max, 0);

    /** For each method, one counter for each status class. Other methods share one entry, so the number is bounded. */
    private final Map<String, LongAdder[]> responses = new LinkedHashMap<>();

    private final HoldHistogram heldTimes = new HoldHistogram();

    public ProxyCounters() {
        METHODS.forEach(method -> responses.put(
                method, Stream.generate(LongAdder::new).limit(CLASSES).toArray(LongAdder[]::new)));
        EnumSet.allOf(RetryReason.class).forEach(reason -> retries.put(reason, new LongAdder()));
        EnumSet.allOf(SavedReason.class).forEach(reason -> saved.put(reason, new LongAdder()));
    }

    public Snapshot snapshot() {
        long retried = retries().values().stream().mapToLong(Long::longValue).sum();
        return new Snapshot(
                requests.sum(),
                held.sum(),
                holding.sum(),
                retried,
                refusedByRule.sum(),
                new Saved(
                        count(SavedReason.CLOCK),
                        count(SavedReason.ROTATION),
                        count(SavedReason.UNEXPLAINED),
                        Duration.ofNanos(longestHold.get())));
    }

    private long count(SavedReason reason) {
        return Objects.requireNonNull(saved.get(reason)).sum();
    }

    /** Keyed by {@link SavedReason#word}. Every reason has an entry. */
    public Map<String, Long> saved() {
        return sums(saved, SavedReason::word);
    }

    /** Keyed by {@link RetryReason#word}. Every reason has an entry. */
    public Map<String, Long> retries() {
        return sums(retries, RetryReason::word);
    }

    private static <K> Map<String, Long> sums(Map<K, LongAdder> counters, Function<K, String> word) {
        Map<String, Long> sums = new LinkedHashMap<>();
        counters.forEach((reason, count) -> sums.put(word.apply(reason), count.sum()));
        return Collections.unmodifiableMap(sums);
    }

    /** The number of responses for each pair of method and status class that has occurred. */
    public List<ResponseCount> responses() {
        return responses.entrySet().stream()
                .flatMap(each -> IntStream.range(0, CLASSES)
                        .mapToObj(i -> new ResponseCount(each.getKey(), (i + 1) + "xx", each.getValue()[i].sum())))
                .filter(each -> each.count() > 0)
                .toList();
    }

    /** Excludes requests that are still held. */
    public HoldHistogram.Snapshot heldTimes() {
        return heldTimes.snapshot();
    }

    /** The number of open connections to the API server whose TLS handshake is complete. */
    public long upstreamConnections() {
        return upstreamConnections.sum();
    }

    @Override
    public void request() {
        requests.increment();
    }

    @Override
    public void response(HttpMethod method, int status) {
        String row = responses.containsKey(method.name()) ? method.name() : OTHER;
        int statusClass = Math.min(Math.max(status / 100, 1), CLASSES) - 1;
        Objects.requireNonNull(responses.get(row))[statusClass].increment();
    }

    @Override
    public void holdBegins(boolean first) {
        held.add(first ? 1 : 0);
        holding.increment();
    }

    @Override
    public void holdEnds() {
        holding.decrement();
    }

    @Override
    public void heldFor(long nanos) {
        heldTimes.record(nanos);
        longestHold.accumulate(nanos);
    }

    @Override
    public void retry(RetryReason reason) {
        Objects.requireNonNull(retries.get(reason)).increment();
    }

    @Override
    public void saved(SavedReason reason) {
        Objects.requireNonNull(saved.get(reason)).increment();
    }

    @Override
    public void refusedByRule() {
        refusedByRule.increment();
    }

    /** Counts {@code channel} while it is open. */
    @SuppressWarnings("FutureReturnValueIgnored") // only the listener is needed
    void upstreamConnected(Channel channel) {
        upstreamConnections.increment();
        channel.closeFuture().addListener(closed -> upstreamConnections.decrement());
    }
}
