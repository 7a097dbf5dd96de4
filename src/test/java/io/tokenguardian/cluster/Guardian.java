package io.tokenguardian.cluster;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.HangDetector;
import io.tokenguardian.it.FreePort;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** A guardian on this machine, beside the cluster. */
final class Guardian implements AutoCloseable {
    private static final byte[] REQUEST = "GET /api HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII);

    private final Process process;
    private final Path log;
    private final InetSocketAddress proxy = local(FreePort.next());
    private final InetSocketAddress page = local(FreePort.next());
    private final InetSocketAddress management = local(FreePort.next());

    /**
     * Starts a guardian with the token and the CA in {@code directory}.
     *
     * @param settings further environment variables
     */
    Guardian(Cluster cluster, Path directory, Map<String, String> settings) throws IOException {
        log = directory.resolve("guardian.log");
        ProcessBuilder builder = new ProcessBuilder(cluster.executable().toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment()
                .putAll(Map.of(
                        "KUBERNETES_SERVICE_HOST",
                        cluster.serviceAddress(),
                        "KUBERNETES_SERVICE_PORT",
                        "443",
                        "GUARDIAN_TOKEN_PATH",
                        directory.resolve("token").toString(),
                        "GUARDIAN_PROXY_PORT",
                        Integer.toString(proxy.getPort()),
                        "QUARKUS_HTTP_PORT",
                        Integer.toString(page.getPort()),
                        "QUARKUS_MANAGEMENT_PORT",
                        Integer.toString(management.getPort())));
        builder.environment().putAll(settings);
        process = builder.start();
    }

    private static InetSocketAddress local(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** Returns how long it takes to get a response to a request that is sent as soon as the proxy listens. */
    Duration timeOfFirstResponse() throws IOException {
        while (true) {
            try (Socket socket = new Socket()) {
                socket.setSoTimeout(HangDetector.millis());
                long start = System.nanoTime();
                socket.connect(proxy);
                socket.getOutputStream().write(REQUEST);
                String response = new String(socket.getInputStream().readNBytes(12), US_ASCII);
                long end = System.nanoTime();
                assertThat(response).isEqualTo("HTTP/1.1 200");
                return Duration.ofNanos(end - start);
            } catch (ConnectException e) {
                assertThat(process.isAlive()).as("the guardian runs").isTrue();
                Thread.onSpinWait();
            }
        }
    }

    /** Returns the proxy's whole response to a request with {@code Connection: close}. */
    String send(String request) throws IOException {
        return send(proxy, request);
    }

    String status() throws IOException {
        return get(page, "/status");
    }

    String metrics() throws IOException {
        return get(management, "/q/metrics");
    }

    /** Whether {@code ready} is up. */
    boolean isReady() throws IOException {
        return get(management, "/q/health/ready").startsWith("HTTP/1.1 200");
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    private static String get(InetSocketAddress address, String path) throws IOException {
        return send(address, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    }

    private static String send(InetSocketAddress address, String request) throws IOException {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(HangDetector.millis());
            socket.connect(address);
            socket.getOutputStream().write(request.getBytes(US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), US_ASCII);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
