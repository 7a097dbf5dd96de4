package io.tokenguardian.metrics;

import io.prometheus.client.Collector;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import io.tokenguardian.clock.Seconds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A metric that is being built: its name, type and help, and the samples that are added to it. */
final class MetricFamily {
    /** The prefix of every name. */
    private static final String PREFIX = "token_guardian_";

    private final String name;
    private final Collector.Type type;
    private final String help;
    private final List<String> labels;
    private final List<Sample> samples = new ArrayList<>();

    private MetricFamily(String name, Collector.Type type, String help, List<String> labels) {
        this.name = PREFIX + name;
        this.type = type;
        this.help = help;
        this.labels = labels;
    }

    static MetricFamily gauge(String name, String help, String... labels) {
        return new MetricFamily(name, Collector.Type.GAUGE, help, List.of(labels));
    }

    /** @param name ends in {@code _total} */
    static MetricFamily counter(String name, String help, String... labels) {
        return new MetricFamily(name, Collector.Type.COUNTER, help, List.of(labels));
    }

    static MetricFamily histogram(String name, String help) {
        return new MetricFamily(name, Collector.Type.HISTOGRAM, help, List.of());
    }

    /** @param values the labels' values, in the order of the labels */
    MetricFamily sample(double value, String... values) {
        samples.add(new Sample(name, labels, List.of(values), value));
        return this;
    }

    MetricFamily sample(long value, String... values) {
        return sample((double) value, values);
    }

    /** Adds a sample in seconds; NaN for an unknown duration, so that no threshold matches it. */
    MetricFamily sampleSeconds(Optional<Duration> duration, String... values) {
        return sample(duration.map(Seconds::of).orElse(Double.NaN), values);
    }

    /**
     * Adds the samples of a histogram.
     *
     * @param cumulative the counts up to each of {@code bounds}, and last the count of all
     */
    MetricFamily sampleHistogram(List<Double> bounds, List<Long> cumulative, double sum) {
        long count = cumulative.get(cumulative.size() - 1);
        for (int i = 0; i < cumulative.size(); i++) {
            String bound = i < bounds.size() ? Double.toString(bounds.get(i)) : "+Inf";
            samples.add(new Sample(name + "_bucket", List.of("le"), List.of(bound), (double) cumulative.get(i)));
        }
        samples.add(new Sample(name + "_count", List.of(), List.of(), (double) count));
        samples.add(new Sample(name + "_sum", List.of(), List.of(), sum));
        return this;
    }

    MetricFamilySamples build() {
        return new MetricFamilySamples(name, type, help, samples);
    }
}
