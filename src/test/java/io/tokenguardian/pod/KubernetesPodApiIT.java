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
 * Sends each kind of write to a real API server, with exactly its role in {@code k8s/rbac}, and then without one of the
 * role's verbs.
 */
@Tag("envtest")
class KubernetesPodApiIT {
    private static final Instant AT = Instant.parse("2026-11-28T12:00:00Z");
    private static final PodEvent EVENT = new PodEvent(PodEvent.Reason.ACCEPTED, "token", "accepted", AT);
    private static final PodCondition CONDITION = new PodCondition("accepted", "It is accepted.");

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

    /** Creates an event. Retries, because the API server does not apply a new role immediately. */
    private PodApi.Outcome.Done created() {
        await().until(() -> api.createEvent(pod, EVENT, AT) instanceof PodApi.Outcome.Done);
        return (PodApi.Outcome.Done) api.createEvent(pod, EVENT, AT);
    }

    @Test
    void anEventIsWrittenOnceAndItsCountRaised() throws Exception {
        account.grant("events", "");
        String name = created().name();

        PodApi.Outcome raised = api.increaseCount(pod, name, EVENT, 2, AT.plusSeconds(60));

        assertThat(raised).isInstanceOf(PodApi.Outcome.Done.class);
        var event = admin.get(account.core() + "/events/" + name).succeeded().json();
        assertThat(event.path("count").asInt()).isEqualTo(2);
        assertThat(event.path("lastTimestamp").asText()).isEqualTo("2026-11-28T12:01:00Z");
        assertThat(admin.get(account.core() + "/events").json().path("items")).hasSize(1);
    }

    @Test
    void withoutPatchACountIsNotRaised() throws Exception {
        account.grant("events", "patch");
        String name = created().name();

        assertThat(api.increaseCount(pod, name, EVENT, 2, AT)).isInstanceOf(PodApi.Outcome.Forbidden.class);
    }

    @Test
    void withoutCreateNoEventIsWritten() throws Exception {
        account.grant("events", "create");

        assertThat(api.createEvent(pod, EVENT, AT)).isInstanceOf(PodApi.Outcome.Forbidden.class);
    }

    @Test
    void anEventThatIsGoneIsSaidToBe() throws Exception {
        account.grant("events", "");
        String name = created().name();
        admin.delete(account.core() + "/events/" + name).succeeded();

        assertThat(api.increaseCount(pod, name, EVENT, 2, AT)).isInstanceOf(PodApi.Outcome.Gone.class);
    }

    @Test
    void theConditionOfAnotherPodOfThatNameIsNotWritten() throws Exception {
        account.grant("pod-condition", "");
        await().until(() -> api.setCondition(pod, CONDITION, AT) instanceof PodApi.Outcome.Done);

        PodApi.Outcome other = api.setCondition(new PodIdentity(pod.namespace(), pod.name(), "other"), CONDITION, AT);

        assertThat(other).isInstanceOf(PodApi.Outcome.Gone.class);
    }

    @Test
    void withoutPatchTheConditionIsNotWritten() throws Exception {
        account.grant("pod-condition", "patch");

        assertThat(api.setCondition(pod, CONDITION, AT)).isInstanceOf(PodApi.Outcome.Forbidden.class);
    }
}
