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
 * A separate program that is a client of the API server. It may not be installed on this machine.
 *
 * @param command starts the client; arguments are appended
 * @param environment variables in addition to those of this process
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
     * Runs the script with the first Python in the PATH that has the package. Only Debian's Python has Debian's
     * package, and another Python may come first.
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

    /** Runs a test class in a separate JVM. */
    static Client java(Class<?> main) {
        return new Client(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                main.getName()));
    }

    Client with(Map<String, String> more) {
        return new Client(command, more);
    }

    /**
     * Returns this client with {@code directory} mounted at the service-account path that is built into all clients. It
     * runs in a separate mount namespace.
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
     * Returns this client as in a pod: its API server listens on {@code port} of this machine, and its service account
     * is in {@code serviceAccount}.
     *
     * @param directory contains the client's home directory
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

    /** Runs the client, which must exit with 0, and returns the lines that it prints. */
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
