package io.tokenguardian.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A proxy beside the cluster, with a fresh token, responds to its first request at once. Runs in CI, and with more
 * starts in {@code bench/cluster}.
 */
@Tag("cluster")
@ExtendWith(ClusterExtension.class)
class FirstResponseIT implements SetsClocks {
    private static final int STARTS = Integer.getInteger("cluster.starts", 20);

    /** How many starts use the same token. They take a few seconds, so the token stays fresh. */
    private static final int STARTS_PER_TOKEN = 10;

    @Test
    void theFirstResponseComesAtOnceWithTheIssuerAhead(Cluster cluster, @TempDir Path directory) throws IOException {
        cluster.setClock(1, 120);

        verify("issuer 2 min ahead", cluster, directory);
    }

    @Test
    void theFirstResponseComesAtOnceWithOneReplicaBehind(Cluster cluster, @TempDir Path directory) throws IOException {
        cluster.setClock(3, -120);

        verify("one of three 2 min behind", cluster, directory);
    }

    private static void verify(String situation, Cluster cluster, Path directory) throws IOException {
        List<Duration> times = new ArrayList<>();
        StringBuilder logs = new StringBuilder();
        for (int i = 0; i < STARTS; i++) {
            if (i % STARTS_PER_TOKEN == 0) {
                cluster.mount(directory, 1);
            }
            try (Guardian guardian = new Guardian(cluster, directory, Map.of())) {
                times.add(guardian.timeOfFirstResponse());
            }
            if (!isAtOnce(times.get(i))) {
                logs.append(times.get(i)).append('\n').append(Files.readString(directory.resolve("guardian.log")));
            }
        }
        if (!logs.isEmpty()) {
            logs.append(cluster.addressChanges());
        }

        Figures.addFirstResponses(situation, times);
        assertThat(times).as(logs.toString()).allMatch(FirstResponseIT::isAtOnce);
    }

    private static boolean isAtOnce(Duration time) {
        return time.compareTo(Pods.AT_ONCE) <= 0;
    }
}
