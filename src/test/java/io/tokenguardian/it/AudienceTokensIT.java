package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.standin.ProjectedVolume;
import io.tokenguardian.standin.TokenSpec;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged program guards a token for Vault in addition to the main token. */
class AudienceTokensIT {
    private static final TokenSpec VAULT = TokenSpec.unextended().audience("vault");

    @AutoClose
    private World world;

    private ProjectedVolume volume;
    private Path vetted;

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        world = World.of(3, directory);
        volume = ProjectedVolume.create(directory.resolve("tokens"), issue(VAULT), world.apiServer.caPem(), "default");
        vetted = directory.resolve("vetted").resolve("vault");
        world.set("GUARDIAN_TOKENS_MY_VAULT_PATH", volume.token().toString());
        world.set("GUARDIAN_TOKENS_MY_VAULT_VETTED", vetted.toString());
    }

    private String issue(TokenSpec request) {
        return world.apiServer.issue(request);
    }

    @Test
    void aVettedCopyIsWrittenOnceAllReplicasAcceptAndFollowsTheFile() throws Exception {
        world.dealInTurn().offset(2, Duration.ofSeconds(-90));
        world.mount(issue(TokenSpec.unextended().issuedAt(Instant.now().minusSeconds(3_000))));
        volume.rotate("no token yet");
        try (Program serving = Program.start(world.environment(), "serve")) {
            patiently().until(() -> world.health("ready") == 200);
            patiently().until(() -> vault().getString("verdict").equals("unreadable"));

            volume.rotate(issue(VAULT));

            patiently().until(() -> vault().getString("verdict").equals("not-yet-valid"));

            assertThat(vetted).doesNotExist();
            assertThat(world.health("started")).isEqualTo(503);
            assertThat(world.healthBody("ready"))
                    .contains("tokens.my-vault", "s behind this node's, does not accept the token until");
            assertThat(vault().getString("judgedBy")).isEqualTo("clock");
            assertThat(vault().getDouble("secondsUntilAcceptable")).isBetween(0.0, 32.0);

            patiently().until(() -> world.health("started") == 200);

            assertThat(vetted).hasSameTextualContentAs(volume.token());
            assertThat(vault().getString("verdict")).isEqualTo("accepted");
            assertThat(vault().getString("judgedBy")).isEqualTo("server");
            assertThat(vault().getJsonObject("token").getJsonArray("audience")).containsExactly("vault");
            assertThat(new JsonObject(world.healthBody("ready")).encode()).contains("\"tokens.my-vault\":\"accepted\"");

            world.offset(2, Duration.ZERO);
            volume.rotate(issue(VAULT.issuedAt(Instant.now().minusSeconds(60))));

            String rotated = Files.readString(volume.token());
            patiently().until(() -> Files.readString(vetted).equals(rotated));
            patiently()
                    .untilAsserted(
                            () -> assertThat(serving.out().lines().filter(line -> line.contains(" name=my-vault ")))
                                    .hasSize(4)
                                    .element(1)
                                    .asString()
                                    .contains("WARN", "verdict=not-yet-valid token=first issued="));
        }
    }

    @Test
    void checkReportsTheAudienceToken() throws Exception {
        Program.Ended text = Program.command(world.environment(), "check");
        Program.Ended json = Program.command(world.environment(), "check", "-o", "json");

        assertThat(text.exitCode()).as(text.toString()).isEqualTo(0);
        assertThat(text.out()).contains("Verdict     my-vault: accepted");
        assertThat(new JsonObject(json.out())
                        .getJsonObject("tokens")
                        .getJsonObject("my-vault")
                        .getString("judgedBy"))
                .isEqualTo("server");
    }

    /** Polls every 100 ms, and ignores failed connections while the program starts or is busy. */
    private static ConditionFactory patiently() {
        return await().pollInterval(Duration.ofMillis(100)).ignoreExceptionsInstanceOf(IOException.class);
    }

    private JsonObject vault() throws IOException, InterruptedException {
        return world.status().getJsonObject("tokens").getJsonObject("my-vault");
    }
}
