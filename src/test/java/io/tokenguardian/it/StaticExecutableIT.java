package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The native executable inside other images: in a root directory without a libc and with few other files. */
@Tag("root")
@EnabledIfSystemProperty(
        named = "native.image.path",
        matches = ".+",
        disabledReason = "a JVM does not run in an empty root")
class StaticExecutableIT {
    private ForeignRoot root;
    private World world;

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        root = ForeignRoot.empty(directory.resolve("root"));
        world = inRoot(root);
    }

    /** Sets the host name in the environment, as in a container. Otherwise the startup would look it up. */
    private static World inRoot(ForeignRoot root) throws IOException {
        return World.of(1, root.directory())
                .set("GUARDIAN_TOKEN_PATH", "/serviceaccount/token")
                .set("HOSTNAME", "pod");
    }

    @AfterEach
    void stop() {
        if (world != null) {
            world.close();
        }
    }

    private Program.Ended check() throws IOException, InterruptedException {
        return run(root.command(), "check");
    }

    private Program.Ended run(List<String> command, String... arguments) throws IOException, InterruptedException {
        try (Program program = Program.startOther(command, world.environment(), arguments)) {
            return program.ended();
        }
    }

    @Test
    void aHostNameIsResolvedWithoutALibc() throws Exception {
        root.with("/etc/hosts", "127.0.0.1 kubernetes.default\n");
        world.set("GUARDIAN_API_SERVER_URL", "https://kubernetes.default:" + world.apiServer.port());

        Program.Ended ended = check();

        assertThat(ended.exitCode()).as(ended.toString()).isZero();
    }

    @Test
    void checkReachesTheApiServerOverTlsInAnEmptyRoot() throws Exception {
        Program.Ended ended = check();

        assertThat(ended.exitCode()).as(ended.toString()).isZero();
        assertThat(ended.err()).isEmpty();
    }

    @Test
    void serveRunsUntilSigtermInAnEmptyRoot() throws Exception {
        try (Program serving = Program.startOther(root.command(), world.environment(), "serve")) {
            ServeIT.awaitReady(world);
            assertThat(world.proxied("/api").statusCode()).isEqualTo(200);

            serving.terminate();

            Program.Ended ended = serving.ended();
            assertThat(ended.exitCode()).as(ended.toString()).isZero();
            assertThat(ended.err()).isEmpty();
        }
    }

    @Test
    void aCopyOfTheExecutableRunsTheCommandOfAnotherImage() throws Exception {
        root.withBusybox();

        Program.Ended ended = run(root.command(), "exec", "--", "sh", "-c", "echo ran; exit 7");

        assertThat(ended).isEqualTo(new Program.Ended(7, "ran\n", ""));
    }

    @ParameterizedTest
    @CsvSource({"TERM, 43", "INT, 44", "HUP, 45"})
    void signalsReachTheCommandOfAnotherImage(String signal, int code) throws Exception {
        root.withBusybox();
        String script = "trap 'kill $!; exit " + code + "' " + signal + "; sleep 600 & echo ready; wait; exit 1";
        // A shell can't trap a signal that was ignored when the shell started, for example SIGHUP under nohup.
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=" + signal));
        command.addAll(root.command());
        try (Program program = Program.startOther(command, world.environment(), "exec", "--", "sh", "-c", script)) {
            await().until(() -> program.out().equals("ready\n"));

            program.signal(signal);

            assertThat(program.ended().exitCode()).isEqualTo(code);
        }
    }
}
