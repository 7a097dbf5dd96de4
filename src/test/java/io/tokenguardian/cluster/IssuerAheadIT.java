package io.tokenguardian.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.parallel.ExecutionMode.CONCURRENT;

import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import io.tokenguardian.cluster.AppRun.Request;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;

/**
 * The API server that issues the tokens of pods is two minutes ahead, so the two others refuse a new token for a
 * minute. Runs in CI, except for kubelet's rotation, and with more pods in {@code bench/cluster}.
 */
@Tag("cluster")
@ExtendWith(ClusterExtension.class)
class IssuerAheadIT {
    private static final String SITUATION = "issuer 2 min ahead";

    /**
     * Shorter than 15 s, the shortest pause of a search that has given up. Six guardians that start on a busy machine
     * may take several seconds.
     */
    private static final Duration LONGEST_BEHIND_A_RESTART = Duration.ofSeconds(10);

    @BeforeAll
    static void setClocks(Cluster cluster) {
        cluster.resetClocks();
        cluster.setClock(1, 120);
    }

    @AfterAll
    static void resetClocks(Cluster cluster) {
        cluster.resetClocks();
    }

    @Test
    @Execution(CONCURRENT)
    void appsStartInTimeWithATokenAndGetNo401(Cluster cluster) {
        Starts.verify(cluster, SITUATION);
    }

    /**
     * The token of a pod that is being deleted ends a minute after the pod's grace period. It ends at once for an API
     * server that is two minutes ahead of the API server that deletes the pod.
     */
    @Test
    @Execution(CONCURRENT)
    void theAppOfADeletedPodGetsNo401(Cluster cluster) {
        Pods pods = new Pods(cluster)
                .add(1, Mode.UNGUARDED, "", "end", "8", "1")
                .add(2, Mode.TRANSPARENT, "", "end", "8", "1")
                .add(1, Mode.GATE, Mode.BY_PROXY, "end", "8", "1")
                .awaitStart();

        try (KubernetesClient another = cluster.client(2)) {
            pods.delete(another);
        }
        List<AppRun> runs = pods.run();

        Figures.add(SITUATION + ", pod deleted", runs);
        assertThat(runs)
                .filteredOn(AppRun::isGuarded)
                .allSatisfy(run -> assertThat(run.requestsAfter("ending")).isNotEmpty())
                .allMatch(AppRun::allSucceeded);
    }

    @Test
    @Execution(CONCURRENT)
    void aRestartedGuardianRespondsAtOnceAndLeavesTheToken(Cluster cluster) {
        List<AppRun> runs = new Pods(cluster)
                .add(
                        6,
                        Mode.TRANSPARENT,
                        "metadata: {name: pod}\nspec: {shareProcessNamespace: true}",
                        "kill",
                        "100",
                        "0.2")
                .run();

        Figures.add(SITUATION + ", guardian killed", runs);
        assertThat(runs)
                .allSatisfy(
                        run -> assertThat(run.requestsAfter("killed").stream().dropWhile(Request::isNotConnected))
                                .anyMatch(Request::succeeded)
                                .filteredOn(request -> request.error() != Request.NOBODY_LISTENS)
                                .allMatch(request -> request.succeeded()
                                        && request.seconds() < LONGEST_BEHIND_A_RESTART.toSeconds()))
                .noneMatch(AppRun::wasWithoutToken);
    }

    /** All API servers accept the first token. Its successor comes from the API server that is ahead. */
    @Test
    @Execution(CONCURRENT)
    void aRotationIsHiddenFromTheApp(Cluster cluster) {
        mount(cluster, 2);
        String ownToken = ownToken("secret: {name: rotating}");
        Pods pods = new Pods(cluster)
                .add(1, Mode.TRANSPARENT, ownToken, "rotation", "150", "0.4")
                .add(1, Mode.TRANSPARENT, ownToken, "rotation", "150", "0.4", "once")
                .awaitStart();

        mount(cluster, 1);
        pods.sync();
        List<AppRun> runs = pods.run();

        Figures.add(SITUATION + ", token rotated", runs);
        assertThat(runs)
                .allMatch(AppRun::sawRotation)
                .noneMatch(AppRun::wasWithoutToken)
                .allMatch(AppRun::allSucceeded);
    }

    /** Kubelet replaces a ten-minute token two minutes before it expires by kubelet's clock. */
    @Test
    @Execution(CONCURRENT)
    @EnabledIfSystemProperty(named = "cluster.rotation", matches = "true", disabledReason = "takes twelve minutes")
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void kubeletsRotationIsHiddenFromTheApp(Cluster cluster) {
        String shortLived = ownToken("serviceAccountToken: {path: token, expirationSeconds: 600}");
        String[] requests = {"rotation", "300", "0.45"};
        String[] once = {"rotation", "300", "0.45", "once"};
        List<AppRun> runs = new Pods(cluster)
                .add(8, Mode.TRANSPARENT, shortLived, requests)
                .add(7, Mode.TRANSPARENT, shortLived, once)
                .runWithin(Duration.ofMinutes(18));

        Figures.add(SITUATION + ", token rotated by kubelet", runs);
        assertThat(runs)
                .allMatch(AppRun::sawRotation)
                .noneMatch(AppRun::wasWithoutToken)
                .allMatch(AppRun::allSucceeded);
    }

    /** Returns a patch that takes the guardian's token from this source. */
    static String ownToken(String source) {
        return """
                metadata: {name: pod}
                spec:
                  volumes:
                    - name: token-guardian-token
                      projected:
                        sources:
                          - %s
                          - configMap: {name: kube-root-ca.crt}
                          - downwardAPI: {items: [{path: namespace, fieldRef: {fieldPath: metadata.namespace}}]}
                """.formatted(source);
    }

    /** Puts a new token of API server {@code issuer} into the pods' volume. */
    private static void mount(Cluster cluster, int issuer) {
        cluster.client()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("rotating")
                        .endMetadata()
                        .withStringData(Map.of("token", cluster.issue(issuer)))
                        .build())
                .createOr(NonDeletingOperation::update);
    }
}
