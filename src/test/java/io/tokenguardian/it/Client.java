package io.tokenguardian.it;

import io.tokenguardian.Needed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A client of the API server that is a program of its own, and so is on this machine or is not.
 *
 * @param command what starts it; the arguments come after that
 * @param environment beside what is there anyway
 */
record Client(List<String> command, Map<String, String> environment) {
    private static final Path SCRIPTS = Path.of("src/test/clients").toAbsolutePath();
    private static final String SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

    Client(List<String> command) {
        this(command, Map.of());
    }

    static Client kubectl(Path cache) {
        return new Client(List.of(Needed.onPath("kubectl", "kubectl"), "--cache-dir", cache.toString()));
    }

    /**
     * The first Python on the path that has the package: Debian's has Debian's, another one before it may have none.
     */
    static Client python(String script) throws IOException, InterruptedException {
        Path python = null;
        for (Path candidate : Needed.allOnPath("python3").toList()) {
            if (python == null && hasKubernetes(candidate)) {
                python = candidate;
            }
        }
        Needed.isThere(python != null, "apt-get install python3-kubernetes");
        return new Client(
                List.of(String.valueOf(python), "-B", SCRIPTS.resolve(script).toString()));
    }

    private static boolean hasKubernetes(Path python) throws IOException, InterruptedException {
        String looksForIt = "import importlib.util, sys; sys.exit(not importlib.util.find_spec('kubernetes'))";
        return new ProcessBuilder(python.toString(), "-c", looksForIt).start().waitFor() == 0;
    }

    static Client node(String script) {
        String node = Needed.onPath("node", "nodejs npm");
        Needed.isThere(
                Files.isDirectory(SCRIPTS.resolve("node_modules/@kubernetes/client-node")),
                "cd src/test/clients && npm ci");
        return new Client(List.of(node, SCRIPTS.resolve(script).toString()));
    }

    /** A class of the tests, in a JVM of its own. */
    static Client java(Class<?> main) {
        return new Client(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                main.getName()));
    }

    Client with(Map<String, String> more) {
        return new Client(command, more);
    }

    /**
     * The same client where {@code directory} is what a pod has mounted as its service account: in a mount namespace of
     * its own, with a bind mount at the path that every client has built in.
     */
    private Client inPod(Path directory) throws IOException, InterruptedException {
        List<String> namespace = new ArrayList<>(List.of(Needed.onPath("unshare", "util-linux"), "--mount"));
        if (!"root".equals(System.getProperty("user.name"))) {
            namespace.addAll(List.of("--user", "--map-root-user"));
        }
        String mount = "mount -t tmpfs tmpfs /var/run && mkdir -p \"$0\" && mount --bind \"$1\" \"$0\" && shift"
                + " && exec \"$@\"";
        namespace.addAll(List.of("sh", "-c", mount, SERVICE_ACCOUNT, directory.toString()));
        boolean possible = new ProcessBuilder(concat(namespace, List.of("true")))
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
        Needed.isThere(possible, "root that may unshare --mount, or unprivileged user namespaces");
        return new Client(concat(namespace, command), environment);
    }

    /**
     * The same client in a pod: its API server is on {@code port} of this machine, and its service account is in
     * {@code serviceAccount}.
     *
     * @param directory in which it has its home
     */
    Client inPod(Path serviceAccount, int port, Path directory) throws IOException, InterruptedException {
        String home = Files.createDirectories(directory.resolve("home")).toString();
        return with(Map.of(
                        "HOME",
                        home,
                        "KUBERNETES_SERVICE_HOST",
                        "127.0.0.1",
                        "KUBERNETES_SERVICE_PORT",
                        Integer.toString(port)))
                .inPod(serviceAccount);
    }

    private static List<String> concat(List<String> one, List<String> other) {
        return Stream.concat(one.stream(), other.stream()).toList();
    }

    Program start(String... arguments) throws IOException {
        return Program.startOther(command, environment, arguments);
    }

    /** Runs it to its end, which has to be a good one; returns what it has printed, line by line. */
    List<String> run(String... arguments) throws IOException, InterruptedException {
        try (Program program = start(arguments)) {
            Program.Ended ended = program.ended();
            if (ended.exitCode() != 0) {
                throw new AssertionError(
                        command + " ended with " + ended.exitCode() + ": " + ended.out() + ended.err());
            }
            return ended.out().lines().toList();
        }
    }
}
