package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.standin.TokenSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code exec} runs a command once the token is accepted. */
class ExecIT {
    @AutoClose
    private World world;

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        world = World.of(1, directory);
    }

    @Test
    void exitCodeAndOutputAreThoseOfTheCommand() throws Exception {
        Program.Ended ended =
                Program.run(world.environment(), "exec", "--", "sh", "-c", "echo out; echo err >&2; exit 255");

        assertThat(ended).isEqualTo(new Program.Ended(255, "out\n", "err\n"));
    }

    @Test
    void optionsOfAJvmAndTheNameOfAFileReachTheCommand() throws Exception {
        String[] words = {"-XX:+UseG1GC", "-Xmx1g", "-Dname=value", "-Djdk.graal.X=1", "@" + Path.of("pom.xml")};

        Program.Ended ended = Program.run(
                world.environment(),
                Stream.concat(Stream.of("exec", "--", "echo"), Stream.of(words)).toArray(String[]::new));

        assertThat(ended).isEqualTo(new Program.Ended(0, String.join(" ", words) + "\n", ""));
    }

    @Test
    void aCommandKilledByASignalExitsWith128PlusItsNumber() throws Exception {
        Program.Ended ended = Program.run(world.environment(), "exec", "--", "sh", "-c", "kill -KILL $$");

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(137);
    }

    @ParameterizedTest
    @CsvSource({"TERM, 43", "INT, 44"})
    void signalsReachTheCommand(String signal, int code) throws Exception {
        Sigint.assumeNotIgnored();
        String script = "trap 'kill $!; exit " + code + "' " + signal + "; sleep 600 & echo ready; wait; exit 1";
        try (Program program = Program.start(world.environment(), "exec", "--", "sh", "-c", script)) {
            await().until(() -> program.out().equals("ready\n"));

            program.signal(signal);

            assertThat(program.ended().exitCode()).isEqualTo(code);
        }
    }

    @Test
    void withoutAnAcceptedTokenTheCommandIsNotStarted() throws Exception {
        world.mount(world.apiServer.issue(TokenSpec.unextended().audience("vault")));

        Program.Ended ended = Program.run(world.environment(), "exec", "--", "echo", "started");

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(5);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err()).contains("refused: ", "another audience");
    }

    /** A wait for the refused token would end with 5. */
    @ParameterizedTest
    @CsvSource({
        "no-such-program, 127, token-guardian: no-such-program was not found in PATH",
        "/etc/passwd, 126, token-guardian: /etc/passwd may not be executed"
    })
    void anInvalidCommandHasTheExitCodeOfAShellWithoutAWait(String name, int code, String said) throws Exception {
        world.mount(world.apiServer.issue(TokenSpec.unextended().audience("vault")));

        Program.Ended ended = Program.run(world.environment(), "exec", "--", name);

        assertThat(ended).isEqualTo(new Program.Ended(code, "", said + "\n"));
    }

    @Test
    void aNonFatalTimeoutIsAWarningAndTheCommandRuns() throws Exception {
        world.apiServer.stopAccepting();

        Program.Ended ended = Program.run(
                world.environment(),
                "exec",
                "--timeout",
                "0s",
                "--timeout-fatal=false",
                "--",
                "sh",
                "-c",
                "echo x; exit 3");

        assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(3);
        assertThat(ended.out()).isEqualTo("x\n");
        assertThat(ended.err())
                .hasLineCount(1)
                .contains("WARN  No accepted token, but --timeout-fatal=false: continuing. ");
    }

    @Test
    void optionsReachTheCommandWithoutDashesToo() throws Exception {
        Program.Ended ended = Program.run(world.environment(), "exec", "--timeout", "30s", "sh", "-c", "exit 0");

        assertThat(ended).isEqualTo(new Program.Ended(0, "", ""));
    }
}
