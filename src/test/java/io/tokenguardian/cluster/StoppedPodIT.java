package io.tokenguardian.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Pods and kubelet are stopped for longer than the pods' tokens live, as by a checkpoint. The pods continue first. Runs
 * only in {@code bench/cluster}.
 */
@Tag("cluster")
@ExtendWith(ClusterExtension.class)
class StoppedPodIT implements SetsClocks {
    private static final int RUNS = Integer.getInteger("cluster.stops", 0);

    /** The clock that stamps the ten-minute tokens, in seconds: they expire half a minute after their issue. */
    private static final int ISSUER = -570;

    /** Half a minute, the leeway, and the time for which an API server caches acceptances. */
    private static final Duration STOP = Duration.ofSeconds(30 + 60 + 10 + 5);

    /** Without a gap, requests would be passed on after 10 s. */
    private static final Duration BEFORE_KUBELET = Duration.ofSeconds(20);

    private static final String SHORT_LIVED =
            IssuerAheadIT.ownToken("serviceAccountToken: {path: token, expirationSeconds: 600}");

    private static final String MOUNTED = """
              containers:
                - name: main
                  volumeMounts:
                    - {name: token-guardian-token, mountPath: /var/run/secrets/kubernetes.io/serviceaccount}
            """;

    @Test
    @EnabledIfSystemProperty(named = "cluster.stops", matches = "[1-9][0-9]*", disabledReason = "takes three minutes")
    @Timeout(value = 40, unit = TimeUnit.MINUTES)
    void aPodThatContinuesBeforeKubeletGetsNo401(Cluster cluster) {
        for (int run = 0; run < RUNS; run++) {
            verify(cluster);
        }
    }

    private static void verify(Cluster cluster) {
        cluster.setClock(1, ISSUER);
        Pods pods = new Pods(cluster)
                .add(1, Mode.UNGUARDED, SHORT_LIVED + MOUNTED, "requests", "120", "0.25")
                .add(3, Mode.TRANSPARENT, SHORT_LIVED, "requests", "120", "0.25")
                .awaitStart();
        List<String> containers = pods.containers();

        cluster.signalKubelet("STOP");
        try {
            cluster.setClock(1, 0);
            cluster.task("pause", containers);
            pass(STOP);
            cluster.task("resume", containers);
            pass(BEFORE_KUBELET);
        } finally {
            cluster.signalKubelet("CONT");
        }
        List<AppRun> runs = pods.run();

        Figures.add("pod stopped until its token has expired", runs);
        assertThat(runs).filteredOn(run -> !run.isGuarded()).allMatch(AppRun::got401);
        assertThat(runs)
                .filteredOn(AppRun::isGuarded)
                .noneMatch(AppRun::got401)
                .allMatch(run -> run.failed() <= 1, "only a request that was under way when the pod was stopped fails")
                .allMatch(run -> run.guardian().contains("verdict=expired"));
    }

    private static void pass(Duration time) {
        Instant end = Instant.now().plus(time);
        await().atMost(time.multipliedBy(2)).until(() -> Instant.now().isAfter(end));
    }
}
