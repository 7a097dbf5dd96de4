package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.standin.ReplicaSelection;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    private JsonObject status() throws Exception {
        return new JsonObject(world.local("GET", "/status").body());
    }

    @Test
    void waitFollowsTheRefusalThatServeObserved() throws Exception {
        dealOnly(1);
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitAnswer(world);
            await().until(() -> status().getString("verdict").equals("not-yet-valid"));
            dealOnly(0);

            Program.Ended ended = Program.run(world.environment(), "wait", "--timeout", "20s");

            assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(3);
            assertThat(ended.out()).startsWith("not-yet-valid: ").contains("That is past the timeout. ");
            assertThat(serving.isAlive()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"wait", "exec"})
    void waitAndExecFollowTheAcceptanceThatServeObserved(String command) throws Exception {
        dealOnly(0);
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);
            dealOnly(1);

            Program.Ended ended = command.equals("wait")
                    ? Program.run(world.environment(), "wait", "--timeout", "1m")
                    : Program.run(world.environment(), "exec", "--timeout", "1m", "--", "echo", "started");

            assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(0);
            assertThat(serving.isAlive()).isTrue();
        }
    }

    /**
     * Both processes start at the same time, as with a {@code postStart} hook. Without {@code serve}, {@code wait}
     * would find the token accepted.
     */
    @Test
    void waitWaitsForAStartingServe(@TempDir Path directory) throws Exception {
        dealOnly(0);
        world.set("GUARDIAN_VETTED_DIRECTORY", unwritable(directory));
        try (Program serving = Program.start(world.environment(), "serve");
                Program waiting = Program.start(world.environment(), "wait", "--timeout", "20s")) {
            Program.Ended ended = waiting.ended();

            assertThat(ended.exitCode()).as(ended.toString()).isIn(6, 7);
            assertThat(ended.out()).contains("The guardian that serves here ");
            assertThat(serving.isAlive()).isTrue();
        }
    }

    /** Returns a path below a regular file, where no directory can be created. */
    private static String unwritable(Path directory) throws IOException {
        return Files.createFile(directory.resolve("file")).resolve("vetted").toString();
    }

    @Test
    void vettedFilesExistWhenWaitEnds(@TempDir Path directory) throws Exception {
        dealOnly(0);
        Path vetted = directory.resolve("vetted");
        world.set("GUARDIAN_VETTED_DIRECTORY", vetted.toString());
        try (Program serving = Program.start(world.environment(), "serve")) {
            Program.Ended ended = Program.run(world.environment(), "wait", "--timeout", "1m");

            assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(0);
            assertThat(vetted.resolve("token")).exists();
            assertThat(serving.isAlive()).isTrue();
        }
    }

    @Test
    void unwritableVettedFilesExitWith6AtTheTimeout(@TempDir Path directory) throws Exception {
        dealOnly(0);
        world.set("GUARDIAN_VETTED_DIRECTORY", unwritable(directory));
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitAnswer(world);
            await().until(() -> status().getString("verdict").equals("accepted"));

            Program.Ended ended = Program.run(world.environment(), "wait", "--timeout", "0s");

            assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(6);
            assertThat(ended.out()).contains("has not written its vetted files");
            assertThat(serving.isAlive()).isTrue();
        }
    }

    @Test
    void aServeWithAnotherTokenIsNotFollowed(@TempDir Path directory) throws Exception {
        dealOnly(1);
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitAnswer(world);
            await().until(() -> status().getString("verdict").equals("not-yet-valid"));
            dealOnly(0);
            Path other = Files.copy(world.volume.token(), directory.resolve("token"));
            Files.copy(world.volume.token().resolveSibling("ca.crt"), directory.resolve("ca.crt"));
            world.set("GUARDIAN_TOKEN_PATH", other.toString());

            Program.Ended ended = Program.run(world.environment(), "wait", "--timeout", "1m");

            assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(0);
            assertThat(serving.isAlive()).isTrue();
        }
    }

    /** After SIGSTOP {@code serve} still listens, but does not respond. */
    @Test
    void anUnresponsiveServeIsUnreachableAtTheTimeout() throws Exception {
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitAnswer(world);
            serving.signal("STOP");

            Program.Ended ended = Program.run(world.environment(), "wait", "--timeout", "1s");

            assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(7);
            assertThat(ended.out()).startsWith("unreachable: The guardian that serves here does not respond: ");
        }
    }
}
