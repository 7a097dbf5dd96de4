package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.standin.TokenSpec;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.TokenClaims;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An app that sends its token after it was replaced. Every replica is an hour behind this machine, so the replicas
 * accept the first token, although it has expired by the guardian's clock.
 */
class StaleCallersIT {
    @Test
    void aCallerWithAReplacedTokenIsNamedInEachOutput(@TempDir Path directory) throws Exception {
        Path vetted = directory.resolve("vetted");
        try (World world = World.of(3, directory).set("GUARDIAN_VETTED_DIRECTORY", vetted.toString())) {
            for (int replica = 0; replica < 3; replica++) {
                world.offset(replica, Duration.ofHours(-1));
            }
            String old = world.apiServer.issue(TokenSpec.unextended().lifetime(Duration.ofMinutes(50)));
            world.mount(old);
            Program serving = world.serve();
            ServeIT.awaitReady(world);
            assertThat(send(world, old)).isEqualTo(200);
            assertThat(world.status().getJsonArray("staleCallers")).isEmpty();

            String next = world.apiServer.issue(TokenSpec.unextended().lifetime(Duration.ofHours(10)));
            world.mount(next);
            await().until(() -> Files.readString(vetted.resolve("token")).equals(next));
            assertThat(send(world, old)).isEqualTo(200);

            JsonObject status = world.status();
            assertThat(status.getJsonArray("staleCallers")).hasSize(1);
            JsonObject row = status.getJsonArray("staleCallers").getJsonObject(0);
            TokenClaims claims = TestTokens.parse(old).claims();
            assertThat(row.getString("userAgent")).isEqualTo("app/1");
            assertThat(row.getString("tokenIssuedAt")).isEqualTo(String.valueOf(claims.issuedAt()));
            assertThat(row.getString("wouldFailAt"))
                    .isEqualTo(Objects.requireNonNull(claims.expiresAt())
                            .plusSeconds(60)
                            .toString());
            assertThat(row.getString("replacedAt")).isNotNull();
            assertThat(status.getJsonObject("saved").getLong("rotation")).isEqualTo(1);
            assertThat(serving.out()).contains("caller=stale user-agent=app/1");
            assertThat(world.metrics()).contains("token_guardian_stale_callers_total{user_agent=\"app/1\"} 1.0");
            assertThat(Program.command(world.environment(), "check").out())
                    .contains("Warning     A caller (user agent app/1", " still sends the token that was issued at ");
        }
    }

    /** Returns the status code. */
    private static int send(World world, String token) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + world.proxyPort + "/api");
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(uri)
                                .header("Authorization", "Bearer " + token)
                                .header("User-Agent", "app/1")
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}
