package io.tokenguardian.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.testing.Command;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The API server that issues the tokens of pods has a new signing key that the two others do not know yet. Runs in CI.
 */
@Tag("cluster")
@ExtendWith(ClusterExtension.class)
@Order(Integer.MAX_VALUE)
class KeyOfOneReplicaIT {
    @TempDir
    private static Path keys;

    @BeforeAll
    static void setKey(Cluster cluster) {
        cluster.resetClocks();
        Path key = keys.resolve("key");
        Command.run(List.of("openssl", "genrsa", "-out", key.toString(), "2048"));
        Command.run(List.of("openssl", "rsa", "-in", key.toString(), "-pubout", "-out", key + ".pub"));
        cluster.restart(1, "--service-account-key-file=" + key + ".pub", "--service-account-signing-key-file=" + key);
        cluster.awaitService(1);
    }

    /**
     * Restores the old signing key. As after a rollout, the server still accepts tokens that were signed with the new
     * key. This class runs last: the service may lead to the server only half a minute later.
     */
    @AfterAll
    static void setOldKey(Cluster cluster) {
        cluster.restart(1, "--service-account-key-file=" + keys.resolve("key.pub"));
    }

    @Test
    void theProxyFindsTheReplicaThatAcceptsTheToken(Cluster cluster) throws IOException {
        List<AppRun> runs = new Pods(cluster)
                .add(1, Mode.UNGUARDED, "", "requests", "30", "0.3")
                .add(4, Mode.TRANSPARENT, "", "requests", "30", "0.3")
                .run();

        Figures.add("key that the issuer alone has", runs);
        assertThat(runs)
                .filteredOn(AppRun::isGuarded)
                .noneMatch(AppRun::wasWithoutToken)
                .allMatch(AppRun::allSucceeded);
    }
}
