package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.standin.ReplicaSelection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Next to a running {@code serve}, {@code wait} and {@code exec} use its verdict, whichever replica they would reach.
 */
class FollowedServeIT {
    @AutoClose
    private World world;

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        world = World.of(2, directory).breakReplica(1);
    }

    /** Sends all new connections to this replica from now on. */
    private void dealOnly(int replica) {
        world.apiServer.selection(ReplicaSelection.order(replica));
    }

    @Test
    void waitAndExecFollowTheAcceptanceThatServeObserved(@TempDir Path directory) throws Exception {
        dealOnly(0);
        Path vetted = directory.resolve("vetted");
        world.set("GUARDIAN_VETTED_DIRECTORY", vetted.toString());
        Program serving = world.serve();
        ServeIT.awaitReady(world);
        dealOnly(1);

        Program.Ended waited = Program.command(world.environment(), "wait", "--timeout", "1m");
        Program.Ended run = Program.run(world.environment(), "exec", "--timeout", "1m", "--", "echo", "started");

        assertThat(waited.exitCode()).as(waited.toString()).isEqualTo(0);
        assertThat(vetted.resolve("token")).exists();
        assertThat(run.exitCode()).as(run.toString()).isEqualTo(0);
        assertThat(serving.isAlive()).isTrue();
    }

    /** No directory can be created below a regular file. */
    private static Path uncreatable(Path directory) throws IOException {
        return Files.createFile(directory.resolve("file")).resolve("vetted");
    }

    /**
     * Both processes start at the same time, as with a {@code postStart} hook. Without {@code serve}, {@code wait}
     * would find the token accepted.
     */
    @Test
    void waitWaitsForAStartingServe(@TempDir Path directory) throws Exception {
        dealOnly(0);
        world.set("GUARDIAN_VETTED_DIRECTORY", uncreatable(directory).toString());
        try (Program serving = Program.start(world.environment(), "serve");
                Program waiting = Program.start(world.environment(), "wait", "--timeout", "20s")) {
            Program.Ended ended = waiting.ended();

            assertThat(ended.exitCode()).as(ended.toString()).isIn(6, 7);
            assertThat(ended.out()).contains("The guardian that serves here ");
            assertThat(serving.isAlive()).isTrue();
        }
    }
}
