package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenguardian.standin.ResourceType;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The condition that the packaged program writes for its pod. */
class PodReportIT {
    private static final String TYPE = "token-guardian.io/TokenAccepted";
    private static final String KUBECONFIG = """
            apiVersion: v1
            kind: Config
            clusters:
            - name: minikube
              cluster:
                server: https://192.0.2.1:8443
                extensions:
                - {name: cluster_info, extension: {provider: minikube.sigs.k8s.io, version: v1.37.0}}
            contexts:
            - name: minikube
              context:
                cluster: minikube
                user: minikube
                extensions:
                - {name: context_info, extension: {kind: Pod, apiVersion: v1}}
            users: [{name: minikube, user: {username: nobody}}]
            current-context: minikube
            """;

    @AutoClose
    private World world;

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        world = World.of(2, directory).set("GUARDIAN_KUBERNETES_POD_CONDITION", "true");
    }

    /**
     * Another condition stays, and the proxy neither refuses nor counts the guardian's own requests. The client treats
     * the extensions of a kubeconfig, here as minikube writes it, as API objects, of kinds that the guardian does not
     * know.
     */
    @Test
    void theConditionIsWrittenDespiteHostRuleAndKubeconfig(@TempDir Path home) throws Exception {
        Path kubeconfig = Files.writeString(home.resolve("config"), KUBECONFIG);
        world.set("KUBECONFIG", kubeconfig.toString()).set("GUARDIAN_PROXY_ACCEPT_HOSTS", "api");
        ObjectNode pod = pod();
        pod.withObject("/status").withArray("/conditions").addObject().put("type", "Ready");
        world.apiServer.objects().replace(ResourceType.PODS, "default", world.podName(), pod);
        try (Program serving = Program.start(world.environment())) {
            await().until(() -> !condition().isMissingNode() || serving.out().contains("=forbidden"));

            assertThat(condition().path("status").asText()).isEqualTo("True");
            assertThat(pod().path("status").path("conditions"))
                    .extracting(condition -> condition.path("type").asText())
                    .containsExactly("Ready", TYPE);
            JsonObject proxy = world.status().getJsonObject("proxy");
            assertThat(proxy.getInteger("requests")).isZero();
            assertThat(world.metrics()).doesNotContain("token_guardian_proxy_responses_total{");
            assertThat(serving.err()).isEmpty();
        }
    }

    private ObjectNode pod() {
        return world.apiServer.objects().list(ResourceType.PODS, "default").get(0);
    }

    private JsonNode condition() {
        for (JsonNode condition : pod().path("status").path("conditions")) {
            if (condition.path("type").asText().equals(TYPE)) {
                return condition;
            }
        }
        return pod().path("none");
    }
}
