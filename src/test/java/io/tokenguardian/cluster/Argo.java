package io.tokenguardian.cluster;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;

/** Argo's controller with the files of {@code k8s/argo}, the admission policy, and the workflows of the tests. */
final class Argo {
    private static final String NAMESPACE = "token-guardian-argo";
    private static final String WORKFLOWS = "/apis/argoproj.io/v1alpha1/namespaces/" + NAMESPACE + "/workflows/";
    private static final String WORKFLOW = "workflows.argoproj.io/workflow";
    private static final String COMPONENT = "workflows.argoproj.io/component";
    private static final String POLICY = "k8s/injection";
    private static final Set<String> ENDED = Set.of("Succeeded", "Failed", "Error");
    private static final Path MANIFESTS = Path.of("k8s/argo");
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Limits how many workflows run at the same time. Most of them have one pod at a time. */
    private static final String PARALLELISM = "{\"data\": {\"parallelism\": \"12\"}}";

    private static final String INITLESS = "{\"data\": {\"initlessPod\": \"{enabled: true}\"}}";

    /** For the twenty workflows of each way that {@code bench/cluster} starts. */
    private static final Duration LIMIT = Duration.ofMinutes(20);

    private final Cluster cluster;
    private final Map<String, ArgoWay> ways = new ConcurrentHashMap<>();

    private Argo(Cluster cluster) {
        this.cluster = cluster;
    }

    /** Starts the controller, and applies the policy and the templates of the workflows. */
    static Argo install(Cluster cluster) throws IOException {
        cluster.startArgo(MANIFESTS.resolve("pipeline.yaml"));
        Argo argo = new Argo(cluster);
        argo.configure("--patch-file=" + MANIFESTS.resolve("workflow-controller-configmap.yaml"));
        argo.configure("--patch=" + PARALLELISM);
        cluster.kubectl("create", "namespace", NAMESPACE);
        // Some API server may not serve the new kinds yet.
        await().untilAsserted(() -> argo.kubectl("apply", "-k", MANIFESTS.toString()));
        argo.kubectl("apply", "-f", "src/test/cluster/argo.yaml");
        cluster.kubectl("apply", "-k", POLICY);
        argo.awaitPolicy(true);
        return argo;
    }

    private void configure(String patch) {
        cluster.kubectl("patch", "configmap", "workflow-controller-configmap", "-n", "argo", patch);
    }

    /** Makes the controller create pods with the container supervisor in place of init and wait. */
    void setInitless() {
        configure("--patch=" + INITLESS);
        await().until(() -> cluster.argoLog().matches("(?s).*initlessPod\\W+true.*"));
    }

    /** Runs kubectl in the workflows' namespace. */
    private String kubectl(String... arguments) {
        return cluster.kubectl(
                Stream.concat(Stream.of("-n", NAMESPACE), Stream.of(arguments)).toArray(String[]::new));
    }

    /** Deletes the policy, which would change the pods of other tests, and the workflows. */
    void remove() {
        cluster.kubectl("delete", "-k", POLICY);
        cluster.kubectl("delete", "namespace", NAMESPACE, "--wait=false");
        awaitPolicy(false);
    }

    /** Waits until every API server applies the policy, or none does. */
    private void awaitPolicy(boolean applies) {
        Pod pod = Serialization.unmarshal("""
                metadata: {name: labelled, labels: {token-guardian.io/inject: "true"}}
                spec: {containers: [{name: main, image: any}]}
                """, Pod.class);
        cluster.awaitAdmission(
                pod, made -> applies != made.getSpec().getInitContainers().isEmpty());
    }

    /** Starts a workflow of this template, and returns its name. */
    String start(ArgoWay way, String template) {
        String name = "%s-%s-%d".formatted(way, template, ways.size());
        ways.put(name, way);
        cluster.create("""
                apiVersion: argoproj.io/v1alpha1
                kind: Workflow
                metadata: {name: %s, namespace: %s}
                spec: {workflowTemplateRef: {name: %s}, podMetadata: %s}
                """.formatted(name, NAMESPACE, template, way.podMetadata()));
        return name;
    }

    /** Stops the workflow, as {@code argo stop} does. */
    void stop(String workflow) {
        kubectl("patch", "workflow", workflow, "--type=merge", "--patch={\"spec\": {\"shutdown\": \"Stop\"}}");
    }

    /** Deletes the workflow, and waits until its pods are gone, so that their addresses are free. */
    void delete(String workflow) {
        kubectl("delete", "workflow", workflow);
        await().until(() -> pods(workflow).isEmpty());
    }

    /** Returns the pods of the workflow's steps. */
    List<Pod> pods(String workflow) {
        return cluster.client()
                .pods()
                .inNamespace(NAMESPACE)
                .withLabel(WORKFLOW, workflow)
                .withoutLabel(COMPONENT, "agent")
                .list()
                .getItems();
    }

    /** Waits until the workflow has ended, and none of its pods runs. */
    ArgoRun end(String workflow) {
        try {
            await().atMost(LIMIT)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofSeconds(1))
                    .ignoreException(KubernetesClientException.class)
                    .until(() -> ENDED.contains(status(workflow).path("phase").asText())
                            && pods(workflow).stream()
                                    .allMatch(pod ->
                                            ENDED.contains(pod.getStatus().getPhase())));
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("not ended: " + run(workflow), e);
        }
        return run(workflow);
    }

    private ArgoRun run(String workflow) {
        JsonNode status = status(workflow);
        String logs = "logs --all-containers --prefix --tail=30 --ignore-errors -l " + WORKFLOW + "=" + workflow;
        String log = status.path("phase").asText().equals("Succeeded") ? "" : kubectl(logs.split(" "));
        return new ArgoRun(workflow, ways.getOrDefault(workflow, ArgoWay.UNGUARDED), status, pods(workflow), log);
    }

    private JsonNode status(String workflow) {
        try {
            return JSON.readTree(cluster.client().raw(WORKFLOWS + workflow)).path("status");
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
