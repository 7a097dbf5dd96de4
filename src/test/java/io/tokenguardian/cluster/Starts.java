package io.tokenguardian.cluster;

import java.time.Duration;
import java.util.List;
import org.assertj.core.api.SoftAssertions;

/** Pods of all modes that start while a clock is off. */
final class Starts {
    /** The number of pods of each mode. A quarter as many are unguarded, but at least two. */
    private static final int PODS = Integer.getInteger("cluster.pods", 4);

    /** Enough for 150 pods on two cores, and shorter than JUnit's limit. */
    private static final Duration LIMIT = Duration.ofMinutes(9);

    private Starts() {}

    /**
     * Checks that no guarded app starts before every replica accepts its token. One app in a batch may do so by chance,
     * and all apps of the mode that lets them start early. No guarded app is without a token, and only an app that
     * started early by chance gets 401.
     */
    static void verify(Cluster cluster, String situation) {
        Pods pods = new Pods(cluster);
        for (Mode mode : Mode.values()) {
            pods.add(mode == Mode.UNGUARDED ? Math.max(PODS / 4, 2) : PODS, mode, "", "requests", "20", "0.5");
        }

        List<AppRun> runs = pods.runWithin(LIMIT);

        Figures.add(situation, runs);
        List<AppRun> guarded = runs.stream().filter(AppRun::isGuarded).toList();
        List<AppRun> early = guarded.stream()
                .filter(run -> run.isEarly() && run.mode() != Mode.TRANSPARENT)
                .toList();
        SoftAssertions promises = new SoftAssertions();
        promises.assertThat(runs)
                .as("a replica refuses the token of an app that may start early")
                .anyMatch(run -> run.isEarly() && !early.contains(run));
        promises.assertThat(early).as("started early").hasSizeLessThanOrEqualTo(1);
        promises.assertThat(guarded).as("without a token").noneMatch(AppRun::wasWithoutToken);
        promises.assertThat(guarded)
                .as("got 401, or no response")
                .allMatch(run -> early.contains(run) || run.allSucceeded());
        promises.assertAll();
    }
}
