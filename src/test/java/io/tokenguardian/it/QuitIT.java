package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code quit}: what becomes of the guardian that serves beside it. */
class QuitIT {
    private World world;

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        world = World.of(1, directory);
    }

    @AfterEach
    void stop() {
        world.close();
    }

    @Test
    void quitEndsTheServingGuardianWith0() throws Exception {
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);

            Program.Ended ended = Program.run(world.environment(), "quit");

            assertThat(ended).isEqualTo(new Program.Ended(0, "", ""));
            assertThat(serving.ended().exitCode()).isEqualTo(0);
        }
    }

    @Test
    void quitReachesAGuardianThatListensOnAllAddresses() throws Exception {
        world.set("QUARKUS_HTTP_HOST", "0.0.0.0");
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);

            Program.Ended ended = Program.run(world.environment(), "quit");

            assertThat(ended).isEqualTo(new Program.Ended(0, "", ""));
            assertThat(serving.ended().exitCode()).isEqualTo(0);
        }
    }

    @Test
    void quitWithoutAGuardianExitsWith1AndNamesTheAddress() throws Exception {
        Program.Ended ended = Program.run(world.environment(), "quit");

        assertThat(ended)
                .isEqualTo(new Program.Ended(
                        1,
                        "",
                        "token-guardian: quit: nobody listens at 127.0.0.1:" + world.localPort
                                + " (quarkus.http.host, quarkus.http.port): no guardian serves there\n"));
    }

    @Test
    void quitWithAPortThatIsNotKnownExitsWith2() throws Exception {
        world.set("QUARKUS_HTTP_PORT", "0");

        Program.Ended ended = Program.run(world.environment(), "quit");

        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.err().lines()).singleElement().asString().contains("quarkus.http.port: \"0\" is wrong here");
    }
}
