package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The vetted files that an app finds while the guardian serves. */
class VettedIT {
    @AutoClose
    private World world;

    private Path directory;

    @BeforeEach
    void start(@TempDir Path temporary) throws IOException {
        world = World.of(3, temporary);
        directory = temporary.resolve("vetted");
        world.set("GUARDIAN_VETTED_DIRECTORY", directory.toString());
    }

    @Test
    void anUnwritableDirectoryKeepsStartedDownAndTheProxyWorks() throws Exception {
        Files.writeString(directory, "a file");
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);
            await().until(() -> world.healthBody("started").contains("can't be written"));

            assertThat(world.health("started")).isEqualTo(503);
            assertThat(world.status().getString("verdict")).isEqualTo("accepted");
            assertThat(world.proxied("/api").statusCode()).isEqualTo(200);
            assertThat(serving.out()).contains("vetted=failed " + directory + " can't be written");
        }
    }
}
