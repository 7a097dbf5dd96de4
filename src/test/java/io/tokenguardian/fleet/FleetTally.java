package io.tokenguardian.fleet;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;

/** Counts events in each second of simulated time. */
final class FleetTally {
    private static final int WINDOW = 10;

    private final Instant begin;
    private int[] perSecond = new int[1_024];

    FleetTally(Instant begin) {
        this.begin = begin;
    }

    void count(Instant at) {
        int second = second(at);
        while (second >= perSecond.length) {
            perSecond = Arrays.copyOf(perSecond, 2 * perSecond.length);
        }
        perSecond[second]++;
    }

    private int second(Instant at) {
        return (int) Duration.between(begin, at).toSeconds();
    }

    private long sum(int from, int to) {
        long sum = 0;
        for (int second = from; second < to; second++) {
            sum += second < perSecond.length ? perSecond[second] : 0;
        }
        return sum;
    }

    /** Returns the mean per second. */
    double mean(Instant from, Instant to) {
        return (double) sum(second(from), second(to)) / (second(to) - second(from));
    }

    /** Returns the mean per second of the ten seconds with the most events. */
    double highest(Instant from, Instant to) {
        long highest = 0;
        for (int second = second(from); second + WINDOW <= second(to); second++) {
            highest = Math.max(highest, sum(second, second + WINDOW));
        }
        return (double) highest / WINDOW;
    }
}
