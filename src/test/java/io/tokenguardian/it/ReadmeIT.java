package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.Needed;
import io.tokenguardian.Readme;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs, in a shell, the commands that the README and the reference offer for pasting into a pod. Only the port is
 * changed.
 */
@InSequence // the tests share one program
class ReadmeIT {
    private static final String PROXY = "http://127.0.0.1:8001";

    @TempDir
    static Path directory;

    @AutoClose
    private static World world;

    @BeforeAll
    static void serve() throws Exception {
        world = World.of(1, directory);
        world.serve();
        ServeIT.awaitReady(world);
    }

    /** Returns each command once, because the pages share some commands. */
    private static List<String> commands() {
        return Stream.of("README.md", "docs/reference.md")
                .flatMap(page -> Readme.blocks(Path.of(page), "console").stream())
                .filter(block -> !block.heading().equals("Try it")) // tested by DevClusterTest
                .flatMap(block -> block.text().lines())
                .filter(line -> line.contains(PROXY))
                .distinct()
                .toList();
    }

    static List<String> curls() {
        return commands().stream().filter(line -> line.startsWith("curl ")).toList();
    }

    static List<String> kubectls() {
        return commands().stream().filter(line -> line.startsWith("kubectl ")).toList();
    }

    @Test
    void everyCommandThatNamesTheProxyIsCurlOrKubectl() {
        assertThat(curls()).isNotEmpty();
        assertThat(kubectls()).isNotEmpty();
        assertThat(commands()).hasSize(curls().size() + kubectls().size());
    }

    @ParameterizedTest
    @MethodSource("curls")
    void curlPrintsTheApiServersList(String command) throws Exception {
        Needed.onPath("curl", "curl");

        Program.Ended ended = run(command);

        assertThat(ended.exitCode()).as(ended.err()).isZero();
        JsonObject list = new JsonObject(ended.out());
        assertThat(list.getString("kind")).isEqualTo("PodList");
        assertThat(list.getJsonArray("items")
                        .getJsonObject(0)
                        .getJsonObject("metadata")
                        .getString("name"))
                .isEqualTo(world.podName());
    }

    @ParameterizedTest
    @MethodSource("kubectls")
    void kubectlPrintsTheExistingPods(String command) throws Exception {
        Needed.onPath("kubectl", "kubectl");

        Program.Ended ended = run(command);

        assertThat(ended.exitCode()).as(ended.err()).isZero();
        assertThat(ended.out()).contains("NAME", world.podName());
    }

    private static Program.Ended run(String command) throws IOException, InterruptedException {
        String here = command.replace(PROXY, "http://127.0.0.1:" + world.proxyPort);
        try (Program shell = Program.startOther(List.of("sh"), Map.of("HOME", directory.toString()), "-c", here)) {
            return shell.ended();
        }
    }
}
