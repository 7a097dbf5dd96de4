package io.tokenguardian.cluster;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * An API server that does not issue the tokens of pods is two minutes behind, and refuses a new token for a minute.
 * Runs in CI, and with more pods in {@code bench/cluster}.
 */
@Tag("cluster")
@ExtendWith(ClusterExtension.class)
class ReplicaBehindIT {
    @BeforeAll
    static void setClocks(Cluster cluster) {
        cluster.resetClocks();
        cluster.setClock(3, -120);
    }

    @AfterAll
    static void resetClocks(Cluster cluster) {
        cluster.resetClocks();
    }

    @Test
    void appsStartInTimeWithATokenAndGetNo401(Cluster cluster) {
        Starts.verify(cluster, "one of three 2 min behind");
    }
}
