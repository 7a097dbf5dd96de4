package io.tokenguardian.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.tokenguardian.HangDetector;
import io.tokenguardian.testing.Helm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The life of a release of the chart, by an unmodified Helm. Runs in CI. The class runs late, because the release's
 * policy would change the pods of other classes.
 */
@Tag("cluster")
@ExtendWith(ClusterExtension.class)
@Execution(ExecutionMode.SAME_THREAD)
@Order(Integer.MAX_VALUE - 3)
@TestMethodOrder(OrderAnnotation.class)
class HelmIT {
    private static final String RELEASE = "token-guardian";
    private static final String CHART = "k8s/helm/token-guardian";
    private static final String GUARDIAN = "token-guardian";

    @BeforeAll
    static void setClocks(Cluster cluster) {
        cluster.resetClocks();
    }

    @AfterAll
    static void remove(Cluster cluster) {
        helm(cluster, "uninstall", "--ignore-not-found");
    }

    @Test
    @Order(1)
    void afterInstallALabelledPodHasTheGuardianAndIsReady(Cluster cluster) {
        helm(cluster, "install", CHART, "--wait");

        assertANewPodHas("gate", cluster, "installed");
        assertThat(objects(cluster)).isNotEmpty();
    }

    /** Objects outside the release's namespace have fixed names. */
    @Test
    @Order(2)
    void aSecondReleaseIsRefused(Cluster cluster) {
        assertThatThrownBy(() -> Helm.find()
                        .run("install", "second", CHART, "--namespace=default", "--kubeconfig=" + cluster.kubeconfig()))
                .hasMessageContaining("exists and cannot be imported into the current release");
    }

    /** Argo CD compares the same way: what the API server would store is what it has stored. */
    @Test
    @Order(2)
    void theObjectsInTheClusterDoNotDifferFromTheChart(Cluster cluster, @TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("chart.yaml"), helm(cluster, "get manifest"));

        String difference = cluster.kubectl(
                "diff", "--server-side", "--force-conflicts", "--field-manager=helm", "--filename=" + file);

        assertThat(difference).isEmpty();
    }

    /** Helm waits until the pod of the chart's test has ended, and fails if the pod has failed. */
    @Test
    @Order(2)
    void theTestOfTheReleaseSucceeds(Cluster cluster) {
        assertThat(helm(cluster, "test")).contains("Phase:          Succeeded");
    }

    @Test
    @Order(3)
    void afterUpgradeANewPodHasTheNewMode(Cluster cluster) {
        helm(cluster, "upgrade", CHART, "--set=injection.mode=transparent", "--wait");

        assertANewPodHas("transparent", cluster, "upgraded");
    }

    @Test
    @Order(4)
    void afterRollbackANewPodHasTheFormerMode(Cluster cluster) {
        helm(cluster, "rollback", "1", "--wait");

        assertANewPodHas("gate", cluster, "rolled-back");
    }

    @Test
    @Order(5)
    void afterUninstallALabelledPodIsPlainAndNothingIsLeft(Cluster cluster) {
        helm(cluster, "uninstall", "--wait");
        awaitMode(cluster, "none");

        Pod ready = ready(cluster, "uninstalled");

        assertThat(ready.getSpec().getInitContainers()).isEmpty();
        assertThat(ready.getSpec().getContainers()).hasSize(1);
        assertThat(objects(cluster)).isEmpty();
    }

    /** Runs the command for the release, and returns Helm's output. */
    private static String helm(Cluster cluster, String command, String... arguments) {
        List<String> all = new ArrayList<>(List.of(command.split(" ")));
        all.add(RELEASE);
        all.addAll(List.of(arguments));
        all.addAll(List.of("--namespace=" + Cluster.NAMESPACE, "--kubeconfig=" + cluster.kubeconfig()));
        return Helm.find().run(all.toArray(String[]::new));
    }

    private static Pod labelled(String name) {
        return Serialization.unmarshal("""
                metadata: {name: %s, labels: {token-guardian.io/inject: "true"}}
                spec: {containers: [{name: main, image: %s, command: [/client, requests, "2", "86400"]}]}
                """.formatted(name, Mode.CLIENT_IMAGE), Pod.class);
    }

    private static void awaitMode(Cluster cluster, String mode) {
        cluster.awaitAdmission(labelled("any"), pod -> mode(pod).equals(mode));
    }

    /**
     * Waits until every API server applies the mode to pods; then a new labelled pod must have it, and become ready.
     */
    private static void assertANewPodHas(String mode, Cluster cluster, String name) {
        awaitMode(cluster, mode);
        assertThat(mode(ready(cluster, name))).isEqualTo(mode);
    }

    /** Creates a labelled pod, waits until it is ready, and deletes it. */
    private static Pod ready(Cluster cluster, String name) {
        Pod made = cluster.client().resource(labelled(name)).create();
        Pod ready = cluster.client().resource(made).waitUntilReady(HangDetector.millis(), TimeUnit.MILLISECONDS);
        cluster.delete(ready);
        return ready;
    }

    /** Returns the mode in which the policy has added the guardian to the pod. */
    private static String mode(Pod pod) {
        Optional<Container> guardian = pod.getSpec().getInitContainers().stream()
                .filter(container -> container.getName().equals(GUARDIAN))
                .findFirst();
        if (guardian.isEmpty()) {
            return "none";
        }
        boolean transparent = guardian.get().getEnv().stream()
                .anyMatch(variable -> variable.getName().equals("GUARDIAN_IN_CLUSTER_PORT"));
        return transparent ? "transparent" : "gate";
    }

    /** Returns all objects of the release, of any of Kubernetes' own kinds, and Helm's own record of it. */
    private static String objects(Cluster cluster) {
        String kinds = String.join(
                ",",
                cluster.kubectl("api-resources", "--verbs=list", "--output=name")
                        .lines()
                        .filter(kind -> kind.matches("[a-z]+([.](apps|batch|policy|.*[.]k8s[.]io))?"))
                        .toList());
        return String.join(
                "",
                List.of("app.kubernetes.io/instance=" + RELEASE, "owner=helm").stream()
                        .map(label -> cluster.kubectl(
                                "get",
                                kinds,
                                "--all-namespaces",
                                "--selector=" + label,
                                "--output=name",
                                "--ignore-not-found"))
                        .toList());
    }
}
