package io.tokenguardian.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.testing.Command;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Kubernetes' own conformance tests of the API, directly and through the proxy. CI runs this subset, and
 * {@code bench/conformance} runs all of them.
 */
@Tag("cluster")
@ExtendWith(ClusterExtension.class)
class ConformanceIT implements SetsClocks {
    private static final String SUBSET =
            "\\[sig-api-machinery\\] (Watchers|FieldValidation|Servers with support for Table"
                    + "|Servers with support for API chunking should return|API priority"
                    + "|AggregatedDiscovery|server version).*\\[Conformance\\]";

    /** The command fails if a test fails only directly, or only through the proxy. */
    @Test
    void theSameTestsPassDirectlyAndThroughTheProxy(Cluster cluster) {
        String table = Command.run(
                List.of(
                        "bench/conformance",
                        "--e2e=" + cluster.tool("e2e.test"),
                        "--native=" + cluster.executable(),
                        "--focus=" + SUBSET),
                Map.of("KUBECONFIG", cluster.kubeconfig()));

        System.out.print(table);
        assertThat(table).containsPattern("proxy \\| [1-9]");
    }
}
