package io.tokenguardian.metrics;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.tokenguardian.clock.Seconds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A builder for a gauge or a counter: its name, its help text and its samples. */
final class MetricFamily {
    private static final String PREFIX = "token_guardian_";

    private final String name;
    private final String help;
    private final boolean counter;
    private final List<String> labels;
    private final List<LabelledValue> samples = new ArrayList<>();

    private record LabelledValue(Labels labels, double value) {}

    private MetricFamily(String name, String help, boolean counter, List<String> labels) {
        this.name = PREFIX + name;
        this.help = help;
        this.counter = counter;
        this.labels = labels;
    }

    static MetricFamily gauge(String name, String help, String... labels) {
        return new MetricFamily(name, help, false, List.of(labels));
    }

    /** @param name the name without {@code _total}, which the output formats add */
    static MetricFamily counter(String name, String help, String... labels) {
        return new MetricFamily(name, help, true, List.of(labels));
    }

    /** @param values the labels' values, in the order of the labels. No two samples may have the same values */
    MetricFamily sample(double value, String... values) {
        samples.add(new LabelledValue(Labels.of(labels, List.of(values)), value));
        return this;
    }

    MetricFamily sample(long value, String... values) {
        return sample((double) value, values);
    }

    /** Adds a sample in seconds. An unknown duration becomes NaN, so that it matches no threshold. */
    MetricFamily sampleSeconds(Optional<Duration> duration, String... values) {
        return sample(duration.map(Seconds::of).orElse(Double.NaN), values);
    }

    MetricSnapshot build() {
        if (counter) {
            CounterSnapshot.Builder builder =
                    CounterSnapshot.builder().name(name).help(help);
            samples.forEach(each -> builder.dataPoint(CounterDataPointSnapshot.builder()
                    .labels(each.labels)
                    .value(each.value)
                    .build()));
            return builder.build();
        }
        GaugeSnapshot.Builder builder = GaugeSnapshot.builder().name(name).help(help);
        samples.forEach(each -> builder.dataPoint(GaugeDataPointSnapshot.builder()
                .labels(each.labels)
                .value(each.value)
                .build()));
        return builder.build();
    }

    /** {@code bounds} are the upper bounds of all buckets except the last; {@code counts} has one for each bucket. */
    static MetricSnapshot histogram(String name, String help, List<Double> bounds, List<Long> counts, double sum) {
        List<Double> all = new ArrayList<>(bounds);
        all.add(Double.POSITIVE_INFINITY);
        return HistogramSnapshot.builder()
                .name(PREFIX + name)
                .help(help)
                .dataPoint(HistogramDataPointSnapshot.builder()
                        .classicHistogramBuckets(ClassicHistogramBuckets.of(all, counts))
                        .sum(sum)
                        .build())
                .build();
    }
}
