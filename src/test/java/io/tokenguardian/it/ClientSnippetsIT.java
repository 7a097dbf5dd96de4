package io.tokenguardian.it;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tokenguardian.Needed;
import io.tokenguardian.Readme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs each snippet of {@code docs/clients.md}, with only the port and the socket changed. Each lists the pods. The Go
 * snippets are compiled only if the variable {@code CLIENT_GO} names a {@code GOPATH} with their libraries, and the
 * official Java client's only if {@code CLIENT_JAVA} names a directory with its jars.
 */
@InSequence // the tests share one program
@Tag("clients")
@Tag("root")
class ClientSnippetsIT {
    private static final Path PAGE = Path.of("docs/clients.md");
    private static final String PLAIN = "Plain port";
    private static final String SOCKET = "Unix socket";
    private static final String KUBECONFIG = "Kubeconfig";
    private static final String IN_CLUSTER = "In-cluster";

    @TempDir
    static Path directory;

    @AutoClose
    private static World world;

    private static Path vetted;
    private static Path socket;

    @BeforeAll
    static void serve() throws Exception {
        world = World.of(1, directory);
        vetted = world.setInCluster(directory);
        socket = directory.resolve("proxy.sock");
        world.set("GUARDIAN_PROXY_UNIX_SOCKET", socket.toString());
        world.set("GUARDIAN_VETTED_KUBECONFIG", directory.resolve("kubeconfig").toString());
        world.serve();
        ServeIT.awaitReady(world);
    }

    /** A snippet, and the part of the page that contains it. */
    record Snippet(String part, String language, String text) {
        @Override
        public String toString() {
            return language + ", " + part + ": " + text.lines().findFirst().orElse("");
        }
    }

    static List<Snippet> snippets() {
        List<Snippet> snippets = new ArrayList<>();
        for (Readme.Block block : blocks("console")) {
            block.text().lines().forEach(line -> snippets.add(new Snippet(block.heading(), "sh", line)));
        }
        for (String language : List.of("python", "java", "javascript", "go")) {
            for (Readme.Block block : blocks(language)) {
                snippets.add(new Snippet(block.heading(), language, block.text()));
                if (block.heading().equals(IN_CLUSTER) && !language.equals("go")) {
                    snippets.add(new Snippet(KUBECONFIG, language, block.text()));
                }
            }
        }
        return snippets;
    }

    private static List<Readme.Block> blocks(String language) {
        return Readme.blocks(PAGE, language);
    }

    @Test
    void eachConnectionHasASnippetInEachLanguageThatSupportsIt() {
        Set<String> all = Set.of("sh", "python", "java", "javascript", "go");
        Map<String, Set<String>> languages =
                snippets().stream().collect(groupingBy(Snippet::part, mapping(Snippet::language, toSet())));

        assertThat(languages)
                .containsEntry(PLAIN, all)
                .containsEntry(SOCKET, Set.of("sh", "python", "javascript", "go"))
                .containsEntry(KUBECONFIG, all)
                .containsEntry(IN_CLUSTER, all);
    }

    /**
     * Does not wait until the program ends, because fabric8 finds Quarkus's HTTP client here, whose threads keep
     * running.
     */
    @ParameterizedTest
    @MethodSource("snippets")
    void eachSnippetPrintsTheExistingPod(Snippet snippet) throws Exception {
        try (Program running = client(snippet).start()) {
            await().until(() -> running.out().contains(world.podName()) || !running.isAlive());

            assertThat(running.out()).as(running.err()).contains(world.podName());
        }
    }

    private static Client client(Snippet snippet) throws Exception {
        String text = snippet.text()
                .replace("127.0.0.1:8001", "127.0.0.1:" + world.proxyPort)
                .replace("/run/token-guardian/proxy.sock", socket.toString());
        Client client = new Client(
                switch (snippet.language()) {
                    case "python" -> List.of(Client.python("pod.py").command().get(0), "-B", "-c", text);
                    case "java" -> java(text);
                    case "javascript" -> javaScript(text);
                    case "go" -> go(text);
                    default -> shell(text);
                },
                environment(snippet));
        return snippet.part().equals(IN_CLUSTER) ? client.inPod(vetted, world.inClusterPort, directory) : client;
    }

    private static Map<String, String> environment(Snippet snippet) {
        Map<String, String> environment = new HashMap<>();
        environment.put("HOME", directory.toString());
        if (snippet.part().equals(KUBECONFIG)) {
            environment.put("KUBECONFIG", directory.resolve("kubeconfig").toString());
        }
        return environment;
    }

    private static List<String> shell(String text) {
        Needed.onPath(text.startsWith("curl ") ? "curl" : "kubectl", "curl kubectl");
        return List.of("sh", "-c", text);
    }

    private static List<String> java(String text) throws IOException {
        Path file = Files.createTempDirectory(directory, "java").resolve("ListPods.java");
        Files.writeString(file, text);
        List<String> command =
                new ArrayList<>(Client.java(ClientSnippetsIT.class).command());
        command.set(command.size() - 1, file.toString());
        if (text.contains("io.kubernetes.client")) {
            String jars = System.getenv("CLIENT_JAVA");
            assumeTrue(jars != null, "CLIENT_JAVA is not set");
            command.set(command.indexOf("-cp") + 1, jars + "/*");
        }
        return command;
    }

    /** Puts a link to the libraries next to the script, because Node looks for them there. */
    private static List<String> javaScript(String text) throws IOException {
        String node = Client.node("pod.mjs").command().get(0);
        Path modules = Path.of("src/test/clients/node_modules").toAbsolutePath();
        Path folder = Files.createTempDirectory(directory, "javascript");
        Files.createSymbolicLink(folder.resolve("node_modules"), modules);
        return List.of(node, Files.writeString(folder.resolve("pods.mjs"), text).toString());
    }

    /** With Debian's golang-go and golang-k8s-client-go-dev, set {@code CLIENT_GO=/usr/share/gocode}. */
    private static List<String> go(String text) throws IOException, InterruptedException {
        String path = System.getenv("CLIENT_GO");
        assumeTrue(path != null, "CLIENT_GO is not set");
        assumeTrue(
                !text.contains("controller-runtime")
                        || Files.exists(Path.of(path, "src/sigs.k8s.io/controller-runtime")),
                "CLIENT_GO has no controller-runtime");
        Path folder = Files.createTempDirectory(directory, "go");
        Path source = Files.writeString(folder.resolve("pods.go"), text);
        Path program = folder.resolve("pods");
        ProcessBuilder build =
                new ProcessBuilder("go", "build", "-o", program.toString(), source.toString()).inheritIO();
        build.environment().putAll(Map.of("GO111MODULE", "off", "GOPATH", String.valueOf(path)));
        assertThat(build.start().waitFor()).isZero();
        return List.of(program.toString());
    }
}
