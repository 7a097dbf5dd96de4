package io.tokenguardian.standin;

import io.quarkus.arc.profile.IfBuildProfile;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The stand-in cluster in dev mode. The times in the pod's token are ahead of the clocks of all three replicas, so a
 * request is held for about ten seconds. Then two replicas accept the token, one 2 s after the other. The third, which
 * is 120 s behind, refuses it for two more minutes. The URL and the token path come from the guardian's settings.
 */
@ApplicationScoped
@IfBuildProfile("dev")
public class DevCluster {

    private static final Logger LOG = Logger.getLogger(DevCluster.class);

    private static final Duration[] OFFSETS = {Duration.ZERO, Duration.ofSeconds(2), Duration.ofSeconds(-120)};

    /** How far ahead the token's times are. The first replica refuses the token for this time minus the 60 s leeway. */
    private static final Duration STAMPED_AHEAD = Duration.ofSeconds(72);

    private static final String PATH = "/api/v1/namespaces/default/pods";

    private final URI url;
    private final Path tokenPath;
    private final String local;
    private final String proxy;
    private final String management;
    private volatile @Nullable StandInApiServer server;

    DevCluster(
            @ConfigProperty(name = "guardian.api-server.url") URI url,
            @ConfigProperty(name = "guardian.token.path") Path tokenPath,
            @ConfigProperty(name = "quarkus.http.port") int localPort,
            @ConfigProperty(name = "guardian.proxy.port", defaultValue = "8001") int proxyPort,
            @ConfigProperty(name = "quarkus.management.port", defaultValue = "9000") int managementPort) {
        this.url = url;
        this.tokenPath = tokenPath;
        this.local = "http://127.0.0.1:" + localPort;
        this.proxy = "http://127.0.0.1:" + proxyPort;
        this.management = "http://127.0.0.1:" + managementPort;
    }

    /** Starts the cluster before anything connects to an API server. */
    void start(@Observes @Priority(1) StartupEvent event) {
        try {
            StandInApiServer started = StandInApiServer.builder()
                    .offsets(OFFSETS)
                    .port(url.getPort())
                    .start();
            server = started;
            Path mount = tokenPath.toAbsolutePath().getParent();
            if (mount == null) {
                throw new IOException(tokenPath + " has no directory");
            }
            Instant issuedAt = Instant.now().plus(STAMPED_AHEAD).truncatedTo(ChronoUnit.SECONDS);
            ProjectedVolume.create(mount, token(started, issuedAt), started.caPem(), "default");
            Path kubeconfig = kubeconfig(mount.resolveSibling(mount.getFileName() + "-kubeconfig"), started);
            LOG.infof(
                    "Page %s/, status %s/status, proxy %s/, health %s/q/health, metrics %s/q/metrics",
                    local, local, proxy, management, management);
            LOG.info("Each replica refuses the token until the time that is shown below. Press s to restart.");
            LOG.infof(
                    "To check all replicas from outside, run ./mvnw package -DskipTests, then: java -jar"
                            + " target/quarkus-app/quarkus-run.jar check --kubeconfig %s",
                    kubeconfig);
            LOG.infof(
                    "Stand-in API server at %s, connections distributed at random with seed %d, token in %s",
                    started.url(), RandomSelection.SEED, mount);
            for (Replica replica : started.replicas()) {
                LOG.infof(
                        "  replica %s at %s, clock offset %s, accepts the token from %s",
                        replica.nodeName(),
                        replica.url(),
                        seconds(replica.clock().offset()),
                        issuedAt.minus(Authenticator.LEEWAY)
                                .minus(replica.clock().offset()));
            }
            demonstrate(started);
        } catch (IOException e) {
            LOG.errorf("The stand-in cluster is incomplete: %s", e.getMessage());
        }
    }

    /**
     * Sends the same request directly and through the proxy. Logs both responses, each with the command to repeat it.
     */
    private void demonstrate(StandInApiServer started) throws IOException {
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(Certificates.trusting(started.caPem()))
                .build();
        HttpRequest direct = HttpRequest.newBuilder(URI.create(started.url() + PATH))
                .header("Authorization", "Bearer " + Files.readString(tokenPath))
                .build();
        HttpRequest proxied = HttpRequest.newBuilder(URI.create(proxy + PATH)).build();
        CompletableFuture<Void> unused = client.sendAsync(direct, HttpResponse.BodyHandlers.discarding())
                .thenAccept(response -> LOG.infof(
                        "Straight to the API server: %d. To repeat the request, run: curl -ki -H \"Authorization:"
                                + " Bearer $(cat %s)\" %s",
                        response.statusCode(), tokenPath, direct.uri()))
                .thenCompose(sent -> sendOnceListening(client, proxied))
                .thenAccept(response -> LOG.infof(
                        "Through the proxy: %d, token-guardian: %s. To repeat the request, run: curl -i %s",
                        response.statusCode(),
                        response.headers().firstValue("token-guardian").orElse("not held"),
                        proxied.uri()))
                .exceptionally(failure -> {
                    LOG.warnf("The demonstration failed: %s", failure.getMessage());
                    return null;
                });
    }

    /** Retries until the proxy has started, or this cluster has stopped. */
    private CompletableFuture<HttpResponse<Void>> sendOnceListening(HttpClient client, HttpRequest request) {
        if (server == null) {
            return CompletableFuture.failedFuture(new IOException("the stand-in has stopped"));
        }
        return client.sendAsync(request, HttpResponse.BodyHandlers.discarding())
                .exceptionallyComposeAsync(
                        refused -> sendOnceListening(client, request),
                        CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS));
    }

    private static String token(StandInApiServer server, Instant issuedAt) {
        return server.issue(TokenSpec.unextended().issuedAt(issuedAt));
    }

    /** Writes a kubeconfig that only its owner can read. Its token is old enough for every replica to accept it. */
    private static Path kubeconfig(Path file, StandInApiServer server) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(file, """
                apiVersion: v1
                kind: Config
                current-context: dev
                contexts:
                - name: dev
                  context: {cluster: stand-in, user: dev}
                clusters:
                - name: stand-in
                  cluster: {server: "%s", certificate-authority-data: %s}
                users:
                - name: dev
                  user: {token: %s}
                """.formatted(
                        server.url(),
                        Base64.getEncoder().encodeToString(server.caPem().getBytes(StandardCharsets.UTF_8)),
                        token(server, Instant.now().minus(Duration.ofMinutes(30)))));
    }

    void stop(@Observes ShutdownEvent event) {
        StandInApiServer running = server;
        if (running != null) {
            running.close();
            server = null;
        }
    }

    private static String seconds(Duration offset) {
        return String.format(Locale.ROOT, "%+.3f s", offset.toMillis() / 1000.0);
    }
}
