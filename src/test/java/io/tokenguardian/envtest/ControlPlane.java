package io.tokenguardian.envtest;

import static org.awaitility.Awaitility.await;

import io.tokenguardian.Needed;
import io.tokenguardian.it.FreePort;
import io.tokenguardian.standin.ClusterFiles;
import io.tokenguardian.standin.StandInApiServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * etcd, and three API servers with different certificates, on loopback ports. All test classes of a JVM share them.
 * Each test has its own namespace.
 */
public final class ControlPlane {
    private static final String ASSETS = "KUBEBUILDER_ASSETS";
    private static final int API_SERVERS = 3;

    /** Starts the control plane when the first test needs it. */
    private static final class Shared {
        static final ControlPlane INSTANCE = start();
    }

    private final Path assets;
    private final Path directory;
    private final ClusterFiles files;
    private final String etcd;
    private final int minor;
    private final AtomicInteger next = new AtomicInteger();
    private final List<Process> processes = new ArrayList<>();
    private final List<ApiServer> apiServers = new ArrayList<>();

    private ControlPlane(Path assets, Path directory) throws IOException {
        this.assets = assets;
        this.directory = directory;
        this.files = new ClusterFiles(directory);
        this.minor = minor(assets);
        this.etcd = "http://127.0.0.1:" + FreePort.next();
    }

    /** Returns the control plane. Skips or fails the test if its directory does not exist. */
    public static ControlPlane shared() {
        String assets = System.getenv(ASSETS);
        Needed.isThere(
                assets != null && Files.isExecutable(Path.of(assets, "kube-apiserver")),
                ASSETS + " names no directory with kube-apiserver, etcd and kubectl (CONTRIBUTING.md)");
        return Shared.INSTANCE;
    }

    private static ControlPlane start() {
        try {
            Path assets = Path.of(System.getenv(ASSETS)).toAbsolutePath();
            ControlPlane plane = new ControlPlane(assets, Files.createTempDirectory("control-plane"));
            Runtime.getRuntime().addShutdownHook(new Thread(plane::end));
            plane.startEtcd();
            for (int i = 0; i < API_SERVERS; i++) {
                plane.apiServers.add(plane.begin(plane.next.getAndIncrement(), Map.of(), List.of()));
            }
            plane.apiServers.forEach(ApiServer::awaitReady);
            return plane;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void startEtcd() throws IOException {
        run(
                "etcd",
                "--data-dir=" + directory.resolve("etcd-data"),
                "--listen-client-urls=" + etcd,
                "--advertise-client-urls=" + etcd,
                "--listen-peer-urls=http://127.0.0.1:" + FreePort.next(),
                "--unsafe-no-fsync",
                // etcd gives up a request after 5 s and twice the election timeout. The default timeout of 1 s is too
                // short for a busy machine.
                "--heartbeat-interval=1000",
                "--election-timeout=10000");
        HttpRequest health =
                HttpRequest.newBuilder(URI.create(etcd + "/health")).build();
        HttpClient http = HttpClient.newHttpClient();
        await().ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> http.send(health, HttpResponse.BodyHandlers.discarding())
                                .statusCode()
                        == 200);
    }

    /** Starts another API server, and returns when it is ready. The caller ends it. */
    public ApiServer startAnother(String... flags) throws IOException {
        return startAnother(Map.of(), flags);
    }

    private ApiServer startAnother(Map<String, String> environment, String... flags) throws IOException {
        ApiServer started = begin(next.getAndIncrement(), environment, List.of(flags));
        started.awaitReady();
        return started;
    }

    /**
     * Starts one more API server whose clock is {@code offset} ahead. Skips the test if this build of kube-apiserver
     * does not take an offset from the file that {@code LAB_CLOCK_FILE} names.
     */
    public ApiServer startAhead(Duration offset, String... flags) throws IOException {
        Path file = Files.writeString(directory.resolve("clock-" + offset.toSeconds()), offset.toSeconds() + "\n");
        ApiServer started = startAnother(Map.of("LAB_CLOCK_FILE", file.toString()), flags);
        Duration ahead =
                Duration.between(Instant.now(), started.admin().get("/readyz").date());
        if (ahead.minus(offset).abs().toSeconds() > 60) {
            started.close();
            Assumptions.abort("the clock of this kube-apiserver can't be set");
        }
        return started;
    }

    private ApiServer begin(int index, Map<String, String> environment, List<String> flags) throws IOException {
        int port = FreePort.next();
        String name = "apiserver-" + index;
        Path certificate = directory.resolve(name + ".crt");
        Path key = directory.resolve(name + ".key");
        files.serving(certificate, key, index);
        List<String> arguments = new ArrayList<>(List.of(
                "--etcd-servers=" + etcd,
                "--bind-address=127.0.0.1",
                "--secure-port=" + port,
                // A multicast address, to which this machine refuses every connection.
                "--advertise-address=239.0.0." + (index + 1),
                "--service-cluster-ip-range=198.51.100.192/26",
                "--authorization-mode=RBAC",
                "--allow-privileged=true",
                "--tls-cert-file=" + certificate,
                "--tls-private-key-file=" + key,
                "--client-ca-file=" + files.ca(),
                "--service-account-signing-key-file=" + files.signingKey(),
                "--service-account-key-file=" + files.verificationKeys()));
        if (flags.stream().noneMatch(flag -> flag.startsWith("--service-account-issuer="))) {
            arguments.add("--service-account-issuer=" + StandInApiServer.ISSUER);
        }
        arguments.addAll(flags);
        return new ApiServer(index, port, files, run(name, "kube-apiserver", environment, arguments));
    }

    private Process run(String name, String... arguments) throws IOException {
        return run(name, name, Map.of(), List.of(arguments));
    }

    private synchronized Process run(
            String name, String program, Map<String, String> environment, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(assets.resolve(program).toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(name + ".log").toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    public ClusterFiles files() {
        return files;
    }

    public List<ApiServer> apiServers() {
        return List.copyOf(apiServers);
    }

    public ApiServer apiServer(int index) {
        return apiServers.get(index);
    }

    /** Returns the minor version, for example 36 for Kubernetes 1.36.5. */
    public int minor() {
        return minor;
    }

    private static int minor(Path assets) throws IOException {
        Process process = new ProcessBuilder(assets.resolve("kube-apiserver").toString(), "--version").start();
        String version = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return Integer.parseInt(version.strip().split("\\.", -1)[1]);
    }

    private synchronized void end() {
        processes.forEach(process -> process.destroyForcibly().onExit().join());
        try (Stream<Path> all = Files.walk(directory)) {
            all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
