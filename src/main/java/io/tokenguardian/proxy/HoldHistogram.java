package io.tokenguardian.proxy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** How long requests were held. Excludes requests that were not held. */
public final class HoldHistogram {

    /** The inclusive upper bounds of the buckets, in seconds. An additional last bucket has no upper bound. */
    public static final List<Double> BOUNDS = List.of(0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 180.0, 300.0);

    /**
     * The counts at one point in time.
     *
     * @param counts the number of requests in each bucket
     * @param seconds the total hold time of these requests
     */
    public record Snapshot(List<Long> counts, double seconds) {
        public Snapshot {
            counts = List.copyOf(counts);
        }

        /** The number of requests that were held and have since ended. */
        public long count() {
            return counts.stream().mapToLong(Long::longValue).sum();
        }
    }

    private final List<LongAdder> buckets = new ArrayList<>();
    private final LongAdder nanos = new LongAdder();

    HoldHistogram() {
        for (int i = 0; i <= BOUNDS.size(); i++) {
            buckets.add(new LongAdder());
        }
    }

    void record(long heldNanos) {
        double seconds = heldNanos / (double) TimeUnit.SECONDS.toNanos(1);
        int bucket = 0;
        while (bucket < BOUNDS.size() && seconds > BOUNDS.get(bucket)) {
            bucket++;
        }
        buckets.get(bucket).increment();
        nanos.add(heldNanos);
    }

    Snapshot snapshot() {
        return new Snapshot(
                buckets.stream().map(LongAdder::sum).toList(), nanos.sum() / (double) TimeUnit.SECONDS.toNanos(1));
    }
}
