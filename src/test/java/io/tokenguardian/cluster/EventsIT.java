package io.tokenguardian.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Event;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The events that the guardian writes with the role from {@code k8s/rbac/events}. */
@Tag("cluster")
@ExtendWith(ClusterExtension.class)
class EventsIT implements SetsClocks {
    private static final Duration LEEWAY = Duration.ofMinutes(1);

    /** How long an API server still accepts a token that it has accepted, whatever its clock shows. */
    private static final Duration REMEMBERED = Duration.ofSeconds(10);

    private static final String WITH_EVENTS = """
            metadata: {name: pod}
            spec:
              initContainers:
                - name: token-guardian
                  env: [{name: GUARDIAN_KUBERNETES_EVENTS, value: "true"}]
            """;

    @Test
    void aRepeatedAcceptanceIsAnotherEvent(Cluster cluster) throws IOException {
        cluster.create(Files.readString(Path.of("k8s/rbac/events/role.yaml"))
                .replace("namespace: default", "namespace: " + Cluster.NAMESPACE));
        Pods pods = new Pods(cluster)
                .add(1, Mode.PROXY, WITH_EVENTS, "requests", "160", "0.25")
                .awaitStart();

        // Two API servers refuse the token for at least fifteen seconds. While the third restarts, the proxy connects
        // to one of them.
        int behind = Math.toIntExact(
                        pods.sinceCreated().plus(LEEWAY).plus(REMEMBERED).toSeconds())
                + 15;
        cluster.setClock(2, -behind);
        cluster.setClock(3, -behind);
        cluster.restart(1);
        List<AppRun> runs = pods.run();

        assertThat(cluster.client().v1().events().list().getItems())
                .as("%s", runs)
                .filteredOn(event ->
                        event.getInvolvedObject().getName().equals(runs.get(0).pod()))
                .filteredOn(event -> event.getReason().startsWith("Token"))
                .extracting(Event::getReason)
                .containsExactlyInAnyOrder("TokenAccepted", "TokenAccepted", "TokenNotYetValid");
    }
}
