package io.tokenguardian.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Clocks jump, and API servers restart, while pods send requests for most of a minute. Runs in CI, and with more pods
 * and requests in {@code bench/cluster}.
 */
@Tag("cluster")
@ExtendWith(ClusterExtension.class)
class TurbulenceIT implements SetsClocks {
    /** How many requests each pod sends, at fewer than four per second. */
    private static final String REQUESTS = Integer.toString(Integer.getInteger("cluster.requests", 140));

    /** How many pods of each mode send requests through the proxy. */
    private static final int PODS = Integer.getInteger("cluster.storm-pods", 3);

    private static Pods start(Cluster cluster) {
        return new Pods(cluster)
                .add(1, Mode.UNGUARDED, "", "requests", REQUESTS, "0.25", "once")
                .add(PODS, Mode.TRANSPARENT, "", "requests", REQUESTS, "0.25", "once")
                .add(PODS, Mode.GATE, Mode.BY_PROXY, "requests", REQUESTS, "0.25")
                .awaitStart();
    }

    @Test
    void allRequestsSucceedWhileClocksJump(Cluster cluster) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Pods pods = start(cluster);

        List<AppRun> runs = pods.run(() -> cluster.jump(random));

        Figures.add("clocks jump by up to 200 s", runs);
        assertThat(runs)
                .filteredOn(AppRun::isGuarded)
                .as("seed %d", seed)
                .allMatch(AppRun::allSucceeded)
                .noneMatch(AppRun::wasWithoutToken);
    }

    @Test
    void noRequestGets401WhileApiServersRestartInTurn(Cluster cluster) {
        AtomicInteger restarts = new AtomicInteger();
        Pods pods = start(cluster);

        List<AppRun> runs = pods.run(() -> cluster.restart(restarts.getAndIncrement() % 3 + 1));

        Figures.add("API servers restarted in turn", runs);
        assertThat(runs)
                .filteredOn(AppRun::isGuarded)
                .noneMatch(AppRun::got401)
                .allMatch(run -> run.failed() <= run.requests().size() / 100);
    }
}
