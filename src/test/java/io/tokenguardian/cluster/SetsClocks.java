package io.tokenguardian.cluster;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tests that set the API servers' clocks. The clocks are right before and after each test. */
interface SetsClocks {
    @BeforeEach
    default void resetClocks(Cluster cluster) {
        cluster.resetClocks();
    }

    @AfterEach
    default void setClocksRight(Cluster cluster) {
        cluster.resetClocks();
    }
}
