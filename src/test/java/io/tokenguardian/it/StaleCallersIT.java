package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.tokenguardian.standin.TokenSpec;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.TokenClaims;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real clients in a pod, whose token is replaced after they have read it. Every replica is an hour behind this machine.
 * So the replicas accept the first token, although it has expired by the guardian's clock. The clients read its
 * placeholder from the directory that the guardian writes.
 */
@InSequence // the tests share one program
@Tag("clients")
@Tag("root")
class StaleCallersIT {
    private static final Duration BEHIND = Duration.ofHours(-1);
    private static final TokenSpec ENDED = TokenSpec.unextended().lifetime(Duration.ofMinutes(50));
    private static final TokenSpec LIVING = TokenSpec.unextended().lifetime(Duration.ofHours(10));

    @TempDir
    static Path directory;

    @AutoClose
    private static World world;

    private static Path vetted;
    private static Program serving;
    private TokenClaims old = TestTokens.issuedAt(Instant.EPOCH).token().claims();

    @BeforeAll
    static void serve() throws Exception {
        world = World.of(3, directory);
        vetted = world.setInCluster(directory);
        for (int replica = 0; replica < 3; replica++) {
            world.offset(replica, BEHIND);
        }
        world.mount(world.apiServer.issue(ENDED));
        serving = world.serve();
        ServeIT.awaitReady(world);
    }

    @BeforeEach
    void mountATokenThatHasEnded() throws Exception {
        old = mount(ENDED);
    }

    /** Mounts another token, and waits until callers can read it. */
    private static TokenClaims mount(TokenSpec spec) throws Exception {
        String token = world.apiServer.issue(spec);
        world.mount(token);
        String placeholder = TestTokens.parse(token).placeholder();
        await().until(() -> Files.readString(vetted.resolve("token")).equals(placeholder));
        return TestTokens.parse(token).claims();
    }

    private static JsonObject status() throws Exception {
        return new JsonObject(world.local("GET", "/status").body());
    }

    private static Stream<JsonObject> rows(JsonArray staleCallers) {
        return staleCallers.stream().map(JsonObject.class::cast);
    }

    /** @param userAgent the beginning of the user agent */
    private void isNamedOnceItsTokenIsReplaced(String userAgent, ConfigMapCreator client) throws Exception {
        // Given
        client.create(userAgent.toLowerCase(Locale.ROOT) + "-before");
        assertThat(rows(status().getJsonArray("staleCallers")))
                .noneMatch(row -> row.getString("userAgent").startsWith(userAgent));
        long saved = status().getJsonObject("saved").getLong("rotation");

        // When
        mount(LIVING);
        client.create(userAgent.toLowerCase(Locale.ROOT) + "-after");

        // Then
        JsonObject row = rows(status().getJsonArray("staleCallers"))
                .filter(each -> each.getString("userAgent").startsWith(userAgent))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no row of " + userAgent));
        assertThat(row.getString("tokenIssuedAt")).isEqualTo(String.valueOf(old.issuedAt()));
        assertThat(row.getString("wouldFailAt"))
                .isEqualTo(
                        Objects.requireNonNull(old.expiresAt()).plusSeconds(60).toString());
        assertThat(row.getString("replacedAt")).isNotNull();
        assertThat(status().getJsonObject("saved").getLong("rotation")).isGreaterThan(saved);
        assertThat(serving.out()).contains("caller=stale user-agent=" + userAgent);
        assertThat(world.metrics()).contains("token_guardian_stale_callers_total{user_agent=\"" + userAgent);
        assertThat(Program.command(world.environment(), "check").out())
                .contains("Warning     " + userAgent, " still sends the token that kubelet replaced ");
    }

    private static Client inPod(Client client) throws Exception {
        return client.inPod(vetted, world.inClusterPort, directory);
    }

    private static String url() {
        return "https://127.0.0.1:" + world.inClusterPort;
    }

    /** kubectl uses client-go. It gets the token as an argument, and so does not read the file again. */
    @Test
    void aStaleClientGoIsNamed() throws Exception {
        Client kubectl = Client.kubectl(directory.resolve("kubectl"));
        List<String> arguments = List.of(
                "--server",
                url(),
                "--certificate-authority",
                vetted.resolve("ca.crt").toString(),
                "--token",
                Files.readString(vetted.resolve("token")));
        Client withToken = new Client(
                Stream.concat(kubectl.command().stream(), arguments.stream()).toList());

        isNamedOnceItsTokenIsReplaced("kubectl", ConfigMapCreator.of(withToken, directory));
    }

    @Test
    void aStaleFabric8ClientIsNamed() throws Exception {
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl(url())
                .withCaCertFile(vetted.resolve("ca.crt").toString())
                .withOauthToken(Files.readString(vetted.resolve("token")))
                .build();
        try (KubernetesClient client =
                new KubernetesClientBuilder().withConfig(config).build()) {
            isNamedOnceItsTokenIsReplaced(
                    "fabric8-kubernetes-client",
                    name -> client.resource(new ConfigMapBuilder()
                                    .withNewMetadata()
                                    .withName(name)
                                    .withNamespace("default")
                                    .endMetadata()
                                    .build())
                            .create());
        }
    }

    @Test
    void aClientThatReadsTheFileAgainIsNotNamed() throws Exception {
        ConfigMapCreator kubectl = ConfigMapCreator.of(inPod(Client.kubectl(directory.resolve("kubectl"))), directory);
        kubectl.create("reader-before");
        long before = requests();

        mount(LIVING);
        kubectl.create("reader-after");

        assertThat(requests()).isEqualTo(before);
    }

    private static long requests() throws Exception {
        return rows(status().getJsonArray("staleCallers"))
                .mapToLong(row -> row.getLong("requests"))
                .sum();
    }
}
