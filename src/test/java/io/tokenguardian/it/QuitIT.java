package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.standin.TokenSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The effect of {@code exec --quit} on the guardian that serves next to it. */
class QuitIT {
    @AutoClose
    private World world;

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        world = World.of(1, directory);
    }

    @ParameterizedTest
    @CsvSource({"exit 0, 0", "exit 7, 7", "kill -KILL $$, 137"})
    void theGuardianEndsWithTheCommandWhoseExitCodeIsKept(String script, int code) throws Exception {
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);

            Program.Ended ended = Program.run(world.environment(), "exec", "--quit", "--", "sh", "-c", script);

            assertThat(ended).isEqualTo(new Program.Ended(code, "", ""));
            assertThat(serving.ended().exitCode()).isEqualTo(0);
        }
    }

    @Test
    void theGuardianContinuesAfterWrongUsage() throws Exception {
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);

            Program.Ended ended = Program.run(world.environment(), "exec", "--quit", "--timeout=abc", "--", "true");

            assertThat(ended.exitCode()).isEqualTo(2);
            assertThat(world.health("ready")).isEqualTo(200);
            assertThat(serving.isAlive()).isTrue();
        }
    }

    @Test
    void theGuardianServesWhileTheCommandRuns() throws Exception {
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);
            try (Program exec = Program.start(
                    world.environment(), "exec", "--quit", "--", "sh", "-c", "echo ready; read line; exit 3")) {
                await().until(() -> exec.out().equals("ready\n"));
                assertThat(world.health("ready")).isEqualTo(200);

                exec.tell("end");

                assertThat(exec.ended().exitCode()).isEqualTo(3);
                assertThat(serving.ended().exitCode()).isEqualTo(0);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"no-such-program, 127", "/etc/passwd, 126"})
    void aCommandThatCannotStartEndsTheGuardianToo(String name, int code) throws Exception {
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);

            Program.Ended ended = Program.run(world.environment(), "exec", "--quit", "--", name);

            assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(code);
            assertThat(serving.ended().exitCode()).isEqualTo(0);
        }
    }

    @Test
    void aRefusedTokenEndsTheGuardianToo() throws Exception {
        world.mount(world.apiServer.issue(TokenSpec.unextended().audience("vault")));
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitAnswer(world);

            Program.Ended ended = Program.run(world.environment(), "exec", "--quit", "--", "true");

            assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(5);
            assertThat(serving.ended().exitCode()).isEqualTo(0);
        }
    }

    @Test
    void aWrongSettingEndsTheGuardianToo() throws Exception {
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);
            world.set("GUARDIAN_WAIT_TIMEOUT", "a while");

            Program.Ended ended = Program.run(world.environment(), "exec", "--quit", "--", "true");

            assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(2);
            assertThat(serving.ended().exitCode()).isEqualTo(0);
        }
    }

    @Test
    void aSignalReachesTheCommandFirst() throws Exception {
        String script = "trap 'kill $!; exit 43' TERM; sleep 600 & echo ready; wait; exit 1";
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);
            try (Program exec = Program.start(world.environment(), "exec", "--quit", "--", "sh", "-c", script)) {
                await().until(() -> exec.out().equals("ready\n"));

                exec.terminate();

                assertThat(exec.ended().exitCode()).isEqualTo(43);
                assertThat(serving.ended().exitCode()).isEqualTo(0);
            }
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
    void withoutTheOptionTheGuardianContinues() throws Exception {
        try (Program serving = Program.start(world.environment(), "serve")) {
            ServeIT.awaitReady(world);

            for (List<String> words : List.of(List.of("exec", "true"), List.of("exec", "--", "true", "--quit"))) {
                assertThat(Program.run(world.environment(), words.toArray(String[]::new))
                                .exitCode())
                        .isEqualTo(0);
            }

            assertThat(world.health("ready")).isEqualTo(200);
            assertThat(serving.isAlive()).isTrue();
        }
    }
}
