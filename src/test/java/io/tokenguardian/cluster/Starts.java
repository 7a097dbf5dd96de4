package io.tokenguardian.cluster;

import java.time.Duration;
import java.util.List;
import org.assertj.core.api.SoftAssertions;

/** Pods of all modes that start while a clock is off. */
final class Starts {
    /** Of each mode in {@link #MOST}; of the others a quarter, and two at least. */
    private static final int PODS = Integer.getInteger("cluster.pods", 8);

    /** For 150 pods on two cores, and below JUnit's. */
    private static final Duration LIMIT = Duration.ofMinutes(9);

    private static final List<Mode> MOST = List.of(Mode.NATIVE, Mode.WAIT_ONLY, Mode.VETTED, Mode.TRANSPARENT);

    private Starts() {}

    /**
     * No app starts before every replica accepts its token, except one in a batch by chance, and those of the mode that
     * lets apps start earlier. None is without a token. None gets 401, except those that started before.
     */
    static void verify(Cluster cluster, String situation) {
        Pods pods = new Pods(cluster);
        for (Mode mode : Mode.values()) {
            pods.add(MOST.contains(mode) ? PODS : Math.max(PODS / 4, 2), mode, "", "requests", "20", "0.5");
        }

        List<AppRun> runs = pods.runWithin(LIMIT);

        Figures.add(situation, runs);
        List<AppRun> guarded = runs.stream().filter(AppRun::isGuarded).toList();
        List<AppRun> early = guarded.stream()
                .filter(run -> run.isEarly() && run.mode() != Mode.TRANSPARENT)
                .toList();
        SoftAssertions promises = new SoftAssertions();
        promises.assertThat(runs).as("unguarded apps get 401").anyMatch(run -> !run.isGuarded() && run.got401());
        promises.assertThat(early).as("started early").hasSizeLessThanOrEqualTo(1);
        promises.assertThat(guarded).as("without a token").noneMatch(AppRun::wasWithoutToken);
        promises.assertThat(guarded)
                .as("got 401, or no response")
                .allMatch(run -> early.contains(run) || run.allSucceeded());
        promises.assertAll();
    }
}
