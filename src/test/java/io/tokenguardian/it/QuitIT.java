package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The effect of {@code exec --quit} on the guardian that serves next to it. */
class QuitIT {
    @AutoClose
    private World world;

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        world = World.of(1, directory).set("GUARDIAN_QUIT_ENABLED", "true");
    }

    @Test
    void theGuardianServesWhileTheCommandRunsAndEndsWithIt() throws Exception {
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);
            try (Program exec = Program.start(
                    world.environment(), "exec", "--quit", "--", "sh", "-c", "echo ready; read line; exit 3")) {
                await().until(() -> exec.out().equals("ready\n"));
                assertThat(world.health("ready")).isEqualTo(200);

                exec.tell("end");

                assertThat(exec.ended()).isEqualTo(new Program.Ended(3, "ready\n", ""));
                assertThat(serving.ended().exitCode()).isEqualTo(0);
            }
        }
    }

    /** Any container of the pod can connect, and so can anybody who may forward its ports. */
    @Test
    void aGuardianWhoseSettingDoesNotAllowItGoesOnServing() throws Exception {
        world.set("GUARDIAN_QUIT_ENABLED", "false");
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);

            Program.Ended ended = Program.run(world.environment(), "exec", "--quit", "--", "true");

            assertThat(ended.exitCode()).as(ended.toString()).isZero();
            assertThat(ended.err())
                    .contains("WARN  The guardian was not ended: the guardian at 127.0.0.1:" + world.localPort
                            + " does not allow POST /quit; set guardian.quit.enabled=true for it");
            assertThat(serving.isAlive()).isTrue();
        }
    }

    @Test
    void aCommandThatCannotStartEndsTheGuardianToo() throws Exception {
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);

            Program.Ended ended = Program.command(world.environment(), "exec", "--quit", "--", "no-such-program");

            assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(127);
            assertThat(serving.ended().exitCode()).isEqualTo(0);
        }
    }

    /** Without the signal, {@code exec} would wait ten seconds for a guardian that is starting. */
    @Test
    void afterASignalAMissingGuardianIsAWarningAndTheCodeIsKept() throws Exception {
        try (Program exec =
                Program.start(world.environment(), "exec", "--quit", "--", "sh", "-c", "echo ready; exec sleep 600")) {
            await().until(() -> exec.out().equals("ready\n"));

            exec.terminate();

            Program.Ended ended = exec.ended();
            assertThat(ended.exitCode()).isEqualTo(143);
            assertThat(ended.err().lines())
                    .singleElement()
                    .asString()
                    .contains("WARN  The guardian was not ended: no program listens at 127.0.0.1:" + world.localPort);
        }
    }

    @Test
    void aWrongSettingEndsTheGuardianToo() throws Exception {
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);
            world.set("GUARDIAN_WAIT_TIMEOUT", "a while");

            Program.Ended ended = Program.command(world.environment(), "exec", "--quit", "--", "true");

            assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(2);
            assertThat(serving.ended().exitCode()).isEqualTo(0);
        }
    }
}
