package io.tokenguardian.it;

import io.tokenguardian.HangDetector;
import io.tokenguardian.standin.ProjectedVolume;
import io.tokenguardian.standin.ReplicaSelection;
import io.tokenguardian.standin.ResourceType;
import io.tokenguardian.standin.StandInApiServer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A stand-in cluster with a pod's token mount, and the environment of the program in that pod. */
final class World implements AutoCloseable {
    final StandInApiServer apiServer;
    final ProjectedVolume volume;
    final int localPort = FreePort.next();
    final int managementPort = FreePort.next();
    final int proxyPort = FreePort.next();
    final int inClusterPort = FreePort.next();
    private final Map<String, String> environment = new HashMap<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private @Nullable Program serving;

    private World(StandInApiServer apiServer, Path directory) throws IOException {
        this.apiServer = apiServer;
        this.volume = ProjectedVolume.create(
                directory.resolve("serviceaccount"), apiServer.issue(), apiServer.caPem(), "default");
        environment.put("KUBERNETES_SERVICE_HOST", "127.0.0.1");
        environment.put("KUBERNETES_SERVICE_PORT", Integer.toString(apiServer.port()));
        environment.put("GUARDIAN_TOKEN_PATH", volume.token().toString());
        environment.put("GUARDIAN_PROXY_PORT", Integer.toString(proxyPort));
        environment.put("QUARKUS_HTTP_PORT", Integer.toString(localPort));
        environment.put("QUARKUS_MANAGEMENT_PORT", Integer.toString(managementPort));
        environment.put("QUARKUS_MANAGEMENT_HOST", "127.0.0.1");
    }

    /** Creates a world of replicas with correct clocks, and mounts a fresh token of the first replica. */
    static World of(int replicas, Path directory) throws IOException {
        return new World(StandInApiServer.builder().replicas(replicas).start(), directory);
    }

    Map<String, String> environment() {
        return environment;
    }

    World set(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    /** Sets up a placeholder token and the in-cluster listener. Returns the vetted directory. */
    Path setInCluster(Path directory) {
        Path vetted = directory.resolve("vetted");
        set("GUARDIAN_VETTED_DIRECTORY", vetted.toString());
        set("GUARDIAN_VETTED_TOKEN", "placeholder");
        set("GUARDIAN_IN_CLUSTER_PORT", Integer.toString(inClusterPort));
        set("GUARDIAN_IN_CLUSTER_DIRECTORY", directory.resolve("in-cluster").toString());
        return vetted;
    }

    /** Starts a {@code serve} process that ends with this world. */
    Program serve() throws IOException {
        Program started = Program.start(environment, "serve");
        serving = started;
        return started;
    }

    void mount(String token) throws IOException {
        volume.rotate(token);
    }

    /**
     * Makes one replica refuse the token for ten minutes, however long the program takes to start. {@link #healReplica}
     * ends it.
     */
    World breakReplica(int replica) {
        offset(replica, Duration.ofMinutes(-10));
        return this;
    }

    /**
     * Distributes connections to the replicas in turn, so that the three confirmations that an old token needs reach
     * all three replicas.
     */
    World dealInTurn() {
        apiServer.selection(ReplicaSelection.inTurn());
        return this;
    }

    /**
     * Sets the replica's clock so that it accepts a new token in 4 s, and mounts a new token. A new token is probed at
     * once, whereas a token that is refused for minutes is probed again only after a minute. All new connections go to
     * that replica from then on, because otherwise the confirmations might miss it.
     */
    void healReplica(int replica) throws IOException {
        apiServer.selection(ReplicaSelection.order(replica));
        offset(replica, Duration.ofSeconds(-64));
        mount(apiServer.issue());
    }

    /** Returns the name of the pod to which the tokens are bound. */
    String podName() {
        return apiServer
                .objects()
                .list(ResourceType.PODS, "default")
                .get(0)
                .path("metadata")
                .path("name")
                .asText();
    }

    /** Sets the offset of a replica's clock from the node's clock. */
    void offset(int replica, Duration offset) {
        apiServer.replica(replica).clock().offset(offset);
    }

    HttpResponse<String> local(String method, String path) throws IOException, InterruptedException {
        return send(method, localPort, path);
    }

    JsonObject status() throws IOException, InterruptedException {
        return new JsonObject(local("GET", "/status").body());
    }

    boolean hasConfigMap(String name) {
        return apiServer.objects().get(ResourceType.CONFIG_MAPS, "default", name) != null;
    }

    int health(String check) throws IOException, InterruptedException {
        return send("GET", managementPort, "/q/health/" + check).statusCode();
    }

    String healthBody(String check) throws IOException, InterruptedException {
        return send("GET", managementPort, "/q/health/" + check).body();
    }

    HttpResponse<String> proxied(String path) throws IOException, InterruptedException {
        return send("GET", proxyPort, path);
    }

    String metrics() throws IOException, InterruptedException {
        return send("GET", managementPort, "/q/metrics").body();
    }

    private HttpResponse<String> send(String method, int port, String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .header("Accept", "text/plain, */*;q=0.1")
                        .timeout(HangDetector.TIMEOUT)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        if (serving != null) {
            serving.close();
        }
        apiServer.close();
    }
}
