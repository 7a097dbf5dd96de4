package io.tokenguardian.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Clocks jump, and API servers restart, while pods run. */
@Tag("cluster")
@ExtendWith(ClusterExtension.class)
class TurbulenceIT implements SetsClocks {
    /** How many requests each pod sends, at four per second. */
    private static final String REQUESTS = Integer.toString(Integer.getInteger("cluster.requests", 120));

    private static final int FARTHEST = 200;

    @Test
    void noRequestGets401WhileClocksJump(Cluster cluster) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Pods pods = new Pods(cluster)
                .add(1, Mode.UNGUARDED, "", "requests", REQUESTS, "0.25", "once")
                .add(3, Mode.TRANSPARENT, "", "requests", REQUESTS, "0.25", "once")
                .awaitStart();

        List<AppRun> runs = pods.run(() -> jump(cluster, random));

        Figures.add("clocks jump by up to 200 s", runs);
        assertThat(runs)
                .filteredOn(AppRun::isGuarded)
                .as("seed %d", seed)
                .noneMatch(AppRun::got401)
                .noneMatch(AppRun::wasWithoutToken);
    }

    /**
     * Sets a clock in one of three calls. The clock of the first API server is never behind, because an administrator's
     * certificate may be as young as the cluster.
     */
    private static void jump(Cluster cluster, Random random) {
        int number = random.nextInt(9) + 1;
        if (number <= 3) {
            cluster.setClock(number, random.nextInt(number == 1 ? 0 : -FARTHEST, FARTHEST + 1));
        }
    }

    @Test
    void fewRequestsFailWhileApiServersRestartInTurn(Cluster cluster) {
        Pods pods = new Pods(cluster)
                .add(1, Mode.UNGUARDED, "", "requests", REQUESTS, "0.25")
                .add(3, Mode.PROXY, "", "requests", REQUESTS, "0.25")
                .awaitStart();

        for (int number = 1; number <= 3; number++) {
            cluster.restart(number);
        }
        List<AppRun> runs = pods.run();

        Figures.add("API servers restarted in turn", runs);
        assertThat(runs)
                .filteredOn(AppRun::isGuarded)
                .allMatch(run -> run.failed() <= run.requests().size() / 100);
    }
}
