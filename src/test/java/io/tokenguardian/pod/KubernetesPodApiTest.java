package io.tokenguardian.pod;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.tokenguardian.pod.PodApi.WriteResult;
import io.tokenguardian.standin.Fault;
import io.tokenguardian.standin.ResourceType;
import io.tokenguardian.standin.StandInApiServer;
import io.tokenguardian.testing.GrantedRoles;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.TokenClaims;
import java.io.IOException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The requests to an API server that allows exactly what {@code k8s/rbac} allows. */
class KubernetesPodApiTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private StandInApiServer server;
    private KubernetesClient client;
    private KubernetesPodApi api;
    private PodIdentity pod;

    @BeforeEach
    void start() throws IOException {
        server = StandInApiServer.builder().start();
        String token = server.issue();
        TokenClaims.Reference named =
                Objects.requireNonNull(TestTokens.parse(token).claims().pod());
        pod = new PodIdentity("default", Objects.requireNonNull(named.name()), Objects.requireNonNull(named.uid()));
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl(server.url().toString())
                .withOauthToken(token)
                .withCaCertData(
                        Base64.getEncoder().encodeToString(server.caPem().getBytes(UTF_8)))
                .build();
        client = new KubernetesClientBuilder().withConfig(config).build();
        api = new KubernetesPodApi(() -> client);
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    @Test
    void theConditionIsOneRequest() {
        server.authorization(GrantedRoles.of("pod-condition"));

        WriteResult written = api.setCondition(pod, new PodCondition(true, "accepted", "It is."), NOON);

        assertThat(written).isEqualTo(new WriteResult.Done());
        assertThat(sent()).containsExactly("PATCH");
        JsonNode conditions = server.objects()
                .list(ResourceType.PODS, "default")
                .get(0)
                .path("status")
                .path("conditions");
        assertThat(conditions).singleElement().satisfies(condition -> {
            assertThat(condition.path("type").asText()).isEqualTo(PodCondition.TYPE);
            assertThat(condition.path("status").asText()).isEqualTo("True");
            assertThat(condition.path("message").asText()).isEqualTo("It is.");
        });
    }

    @Test
    void whatRbacForbidsHasTheApiServersOwnMessage() {
        server.authorization(GrantedRoles.of());

        WriteResult written = api.setCondition(pod, new PodCondition(true, "accepted", "It is."), NOON);

        assertThat(written)
                .isEqualTo(new WriteResult.Denied("pods \"" + pod.name()
                        + "\" is forbidden: User \"system:serviceaccount:default:default\" cannot patch resource"
                        + " \"pods/status\" in API group \"\" in the namespace \"default\""));
    }

    @Test
    void a403WithoutAStatusSaysSo() {
        server.fault(Fault.status(403, "no JSON"));

        WriteResult written = api.setCondition(pod, new PodCondition(true, "accepted", "It is."), NOON);

        assertThat(written).isInstanceOf(WriteResult.Denied.class);
        assertThat(((WriteResult.Denied) written).message()).isNotBlank();
    }

    private List<String> sent() {
        return server.requests().stream().map(seen -> seen.head().method()).toList();
    }
}
