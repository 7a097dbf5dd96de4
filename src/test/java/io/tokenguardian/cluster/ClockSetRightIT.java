package io.tokenguardian.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.netty.channel.nio.NioEventLoopGroup;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.laptop.CrossCheck;
import io.tokenguardian.laptop.ExplainReport;
import io.tokenguardian.laptop.PodCause;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clocks are ahead while a pod is made, and are set right before {@code explain} examines the pod. Runs in CI. */
@Tag("cluster")
@ExtendWith(ClusterExtension.class)
class ClockSetRightIT implements SetsClocks {
    @AutoClose("shutdownGracefully")
    private final NioEventLoopGroup eventLoops = new NioEventLoopGroup(2);

    /** The pod is created by way of API server {@code creator}. Kubelet always uses the first API server. */
    @ParameterizedTest
    @CsvSource({
        "0, 0, 1, NOTHING",
        "1, 600, 1, MADE_AHEAD",
        "1, 7200, 2, MADE_AHEAD",
        "1, 172800, 1, MADE_AHEAD",
        "2, 7200, 3, MADE_AHEAD",
        "3, 7200, 1, MADE_AHEAD",
        "3, 172800, 2, MADE_AHEAD"
    })
    void explainSeesThatThePodWasMadeAhead(int clocks, int ahead, int creator, PodCause cause, Cluster cluster)
            throws Exception {
        for (int number = 1; number <= clocks; number++) {
            cluster.setClock(number, ahead);
        }
        Pod pod = cluster.createAndAwait(creator, Mode.UNGUARDED.pod(cluster, "", "requests", "600", "0.5"));
        cluster.resetClocks();

        ExplainReport report = new CrossCheck("test", eventLoops, Timeline.system(), Duration.ofSeconds(60))
                .explain(
                        new CrossCheck.ClusterTarget(Path.of(cluster.kubeconfig()), null, 25),
                        Cluster.NAMESPACE,
                        pod.getMetadata().getName());
        cluster.delete(pod);

        assertThat(report.cause()).as(report.text()).isEqualTo(cause);
    }
}
