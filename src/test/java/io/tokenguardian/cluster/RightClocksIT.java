package io.tokenguardian.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** All clocks are right, as on any other cluster. Runs in CI. */
@Tag("cluster")
@ExtendWith(ClusterExtension.class)
class RightClocksIT {
    @Test
    void appsOfAllModesStartWithATokenAndGetNo401(Cluster cluster) {
        Pods pods = new Pods(cluster);
        for (Mode mode : Mode.values()) {
            pods.add(1, mode, "", "requests", "10", "0.2");
        }

        List<AppRun> runs = pods.run();

        assertThat(runs)
                .noneMatch(AppRun::isEarly)
                .noneMatch(AppRun::wasWithoutToken)
                .allMatch(AppRun::allSucceeded);
    }
}
