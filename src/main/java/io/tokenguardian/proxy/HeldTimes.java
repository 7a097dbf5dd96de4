package io.tokenguardian.proxy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** How long requests were held: a histogram, to which a request that was never held adds nothing. */
public final class HeldTimes {

    /** Upper bounds of the buckets, in seconds; one without bound comes after them. */
    public static final List<Double> BOUNDS = List.of(0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 180.0, 300.0);

    /**
     * One moment's counts.
     *
     * @param cumulative requests held for no longer than each of {@link #BOUNDS}, and last all of them
     * @param seconds what all were held for together
     */
    public record Snapshot(List<Long> cumulative, double seconds) {
        public Snapshot {
            cumulative = List.copyOf(cumulative);
        }

        /** How many requests were held, and are no longer. */
        public long count() {
            return cumulative.get(cumulative.size() - 1);
        }
    }

    private final List<LongAdder> buckets = new ArrayList<>();
    private final LongAdder nanos = new LongAdder();

    HeldTimes() {
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
        List<Long> cumulative = new ArrayList<>();
        long count = 0;
        for (LongAdder bucket : buckets) {
            count += bucket.sum();
            cumulative.add(count);
        }
        return new Snapshot(cumulative, nanos.sum() / (double) TimeUnit.SECONDS.toNanos(1));
    }
}
