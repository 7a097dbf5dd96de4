package io.tokenguardian.envtest;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.tokenguardian.it.FreePort;
import io.tokenguardian.it.Program;
import io.tokenguardian.standin.ProjectedVolume;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A pod's token mount, and the packaged program, which reaches random API servers. */
final class GuardedPod implements AutoCloseable {
    private final int proxyPort = FreePort.next();
    private final int localPort = FreePort.next();
    private final int managementPort = FreePort.next();
    private final Map<String, String> environment = new HashMap<>();
    private final ProjectedVolume volume;
    private final Program program;
    private final Api management = new Api(URI.create("http://127.0.0.1:" + managementPort));

    /** @param settings the settings, by environment variable */
    GuardedPod(Path directory, String token, ConnectionDealer dealer, Map<String, String> settings) throws IOException {
        volume = ProjectedVolume.create(
                directory.resolve("serviceaccount"),
                token,
                ControlPlane.shared().files().caPem(),
                "default");
        environment.put("KUBERNETES_SERVICE_HOST", "127.0.0.1");
        environment.put("KUBERNETES_SERVICE_PORT", Integer.toString(dealer.port()));
        environment.put("GUARDIAN_TOKEN_PATH", volume.token().toString());
        environment.put("GUARDIAN_PROXY_PORT", Integer.toString(proxyPort));
        environment.put("QUARKUS_HTTP_PORT", Integer.toString(localPort));
        environment.put("QUARKUS_MANAGEMENT_PORT", Integer.toString(managementPort));
        environment.put("QUARKUS_MANAGEMENT_HOST", "127.0.0.1");
        environment.putAll(settings);
        program = Program.start(environment, "serve");
    }

    /** Returns a caller of the proxy. */
    Api proxy() {
        return new Api(URI.create("http://127.0.0.1:" + proxyPort));
    }

    Program program() {
        return program;
    }

    Map<String, String> environment() {
        return environment;
    }

    /** Mounts the token like kubelet. */
    void mount(String token) throws IOException {
        volume.rotate(token);
    }

    /** Whether the check {@code ready}, {@code started} or {@code live} is up. */
    boolean isUp(String check) {
        try {
            return management.get("/q/health/" + check).status() == 200;
        } catch (UncheckedIOException e) {
            return false; // not listening yet
        }
    }

    /** Returns the JSON of {@code /status}. */
    JsonNode status() {
        return new Api(URI.create("http://127.0.0.1:" + localPort))
                .get("/status")
                .succeeded()
                .json();
    }

    GuardedPod awaitReady() {
        await().until(() -> isUp("ready"));
        return this;
    }

    /** Waits for a log line that contains this text. */
    void awaitLine(String text) {
        await().until(() -> program.out().contains(text));
    }

    @Override
    public void close() {
        program.close();
    }
}
