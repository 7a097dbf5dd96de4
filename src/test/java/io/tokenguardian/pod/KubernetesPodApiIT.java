package io.tokenguardian.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.tokenguardian.envtest.Account;
import io.tokenguardian.envtest.Api;
import io.tokenguardian.envtest.ControlPlane;
import java.time.Instant;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Writes the condition to a real API server, with exactly the role in {@code k8s/rbac}, and then without the role's
 * verb.
 */
@Tag("envtest")
class KubernetesPodApiIT {
    private static final Instant AT = Instant.parse("2026-11-28T12:00:00Z");
    private static final PodCondition CONDITION = new PodCondition(true, "accepted", "It is accepted.");

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
}
