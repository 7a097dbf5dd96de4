package io.tokenguardian.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.tokenguardian.envtest.Account;
import io.tokenguardian.envtest.Api;
import io.tokenguardian.envtest.ControlPlane;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Writes the condition to a real API server, with exactly the role in {@code k8s/rbac} and its policy, and then without
 * the role's verb.
 */
@Tag("envtest")
class KubernetesPodApiIT {
    private static final Instant AT = Instant.parse("2026-11-28T12:00:00Z");
    private static final PodCondition CONDITION = new PodCondition(true, "accepted", "It is accepted.");

    private static final YAMLMapper YAML = new YAMLMapper();

    private final ControlPlane plane = ControlPlane.shared();
    private final Account account = Account.create(plane);
    private final Api admin = plane.apiServer(0).admin();
    private final PodIdentity pod = new PodIdentity(account.namespace(), "app-0", admin.uid(account.pod()));

    @AutoClose
    private final KubernetesClient client = client();

    private final PodApi api = new KubernetesPodApi(() -> client);

    private KubernetesClient client() {
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl(plane.apiServer(0).url().toString())
                .withCaCertFile(plane.files().ca().toString())
                .withOauthToken(account.token())
                .build();
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    @Test
    void theConditionOfAnotherPodOfThatNameIsNotWritten() throws Exception {
        account.grant("pod-condition", "");
        await().until(() -> api.setCondition(pod, CONDITION, AT) instanceof PodApi.WriteResult.Done);

        PodApi.WriteResult other =
                api.setCondition(new PodIdentity(pod.namespace(), pod.name(), "other"), CONDITION, AT);

        assertThat(other).isInstanceOf(PodApi.WriteResult.Gone.class);
    }

    @Test
    void withoutPatchTheConditionIsNotWritten() throws Exception {
        account.grant("pod-condition", "patch");

        assertThat(api.setCondition(pod, CONDITION, AT)).isInstanceOf(PodApi.WriteResult.Denied.class);
    }

    /** Installs the policy that limits the role, and returns once it applies. */
    private void limit() throws IOException {
        account.grant("pod-condition", "");
        Path policy = Path.of("k8s/rbac/pod-condition/policy.yaml");
        for (JsonNode object : YAML.readerFor(JsonNode.class)
                .<JsonNode>readValues(policy.toFile())
                .readAll()) {
            String plural = object.path("kind").asText().endsWith("y") ? "policies" : "policybindings";
            admin.post("/apis/admissionregistration.k8s.io/v1/validatingadmission" + plural, object.toString());
        }
        await().until(() -> patch("{\"podIP\": \"192.0.2.1\"}").status() == 403);
    }

    /** Patches the account's own pod. Nothing is stored. */
    private Api.Response patch(String status) {
        return plane.apiServer(0)
                .with(account.token())
                .patch(account.pod() + "/status?dryRun=All", Api.STRATEGIC_PATCH, "{\"status\": " + status + "}");
    }

    @Test
    void withThePolicyTheConditionOfTheOwnPodIsWritten() throws Exception {
        limit();

        PodApi.WriteResult result = api.setCondition(pod, CONDITION, AT);

        assertThat(result).isInstanceOf(PodApi.WriteResult.Done.class);
    }

    @Test
    void withThePolicyTheConditionOfAnotherPodIsRefused() throws Exception {
        limit();
        admin.post(account.core() + "/pods", """
                        {"metadata": {"name": "app-1"}, "spec": {"containers": [{"name": "main", "image": "app"}]}}
                        """).succeeded();
        PodIdentity other = new PodIdentity(account.namespace(), "app-1", admin.uid(account.core() + "/pods/app-1"));

        PodApi.WriteResult result = api.setCondition(other, CONDITION, AT);

        assertThat(result)
                .isInstanceOfSatisfying(
                        PodApi.WriteResult.Denied.class,
                        denied -> assertThat(denied.message())
                                .endsWith("a pod's token may patch the status of that pod only"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"conditions\": [{\"type\": \"Ready\", \"status\": \"True\"}]}",
                "{\"podIPs\": [{\"ip\": \"192.0.2.1\"}]}",
                "{\"phase\": \"Succeeded\"}",
                "{\"containerStatuses\": [{\"name\": \"main\", \"ready\": true}]}"
            })
    void withThePolicyNothingElseInTheStatusOfTheOwnPodIsWritten(String status) throws Exception {
        limit();

        Api.Response response = patch(status);

        assertThat(response.status()).isEqualTo(403);
        assertThat(response.body()).contains("allows only the condition token-guardian.io/TokenAccepted");
    }

    @Test
    void thePolicyDoesNotLimitOtherAccounts() throws Exception {
        limit();

        Api.Response response =
                admin.patch(account.pod() + "/status", Api.STRATEGIC_PATCH, "{\"status\": {\"podIP\": \"192.0.2.1\"}}");

        assertThat(response.status()).isEqualTo(200);
    }
}
