package io.tokenguardian.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.tokenguardian.HangDetector;
import io.tokenguardian.Needed;
import io.tokenguardian.testing.Command;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The cluster that the tests run in, with their namespace, and the images on its nodes. By default it is this machine's
 * cluster, which {@code ../shared/cluster/cluster} starts and whose clocks can be set. With {@code KUBECONFIG} in the
 * environment, it is another cluster, whose nodes already have the images.
 */
final class Cluster implements AutoCloseable {
    static final String NAMESPACE = "token-guardian-tests";
    private static final String CA = "kube-root-ca.crt";
    private static final int FARTHEST = 200;
    private static final Path SCRIPT = Path.of("../shared/cluster/cluster");
    private static final Path CLIENT_IMAGE = Path.of("src/test/cluster/client-image");

    /** The release of each of this machine's API servers: 1.36, or another that {@code cluster restart} knows. */
    private static final List<String> VERSIONS =
            List.of(System.getProperty("cluster.versions", "1.36,1.36,1.36").split(","));

    private static final String DEFAULT_VERSION = "1.36";

    private final @Nullable Path executable;
    private final KubernetesClient client;
    private final boolean started;

    /** @param executable the guardian's executable on this machine's cluster; null on another cluster */
    private Cluster(@Nullable Path executable, String kubeconfig, boolean started) {
        this.executable = executable;
        this.client = client(kubeconfig);
        this.started = started;
        renewNamespace();
    }

    /**
     * Makes a client with a new connection for each request. The tests restart API servers and set their clocks, and a
     * request over an idle connection that the server has just closed would fail.
     */
    private static KubernetesClient client(String kubeconfig) {
        Config config = Config.fromKubeconfig(new File(kubeconfig));
        config.setNamespace(NAMESPACE);
        config.setConnectionTimeout(HangDetector.millis());
        config.setRequestTimeout(HangDetector.millis());
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("connection", new Interceptor() {
                    @Override
                    public void before(BasicBuilder request, HttpRequest sent, RequestTags tags) {
                        request.setHeader("Connection", "close");
                    }
                }))
                .build();
    }

    /** Starts the cluster. Skips the test if no cluster is available. */
    static Cluster start() {
        String kubeconfig = System.getenv("KUBECONFIG");
        if (kubeconfig != null) {
            return new Cluster(null, kubeconfig, false);
        }
        if (!Files.isExecutable(SCRIPT)) {
            return abort("there is no " + SCRIPT + ", and KUBECONFIG names no other cluster");
        }
        Path executable = Path.of(System.getProperty("cluster.executable", ""));
        if (!Files.isExecutable(executable)) {
            return abort("there is no native executable at " + executable.toAbsolutePath()
                    + "; -Dnative builds it, and -Dcluster.executable names another");
        }
        Path home = programs().resolveSibling("run");
        boolean wasDown = !Files.exists(home);
        script("up");
        for (int number = 1; number <= VERSIONS.size(); number++) {
            if (!version(number).equals(DEFAULT_VERSION)) {
                script("restart", Integer.toString(number), version(number));
            }
        }
        addImages(executable);
        // API server 1 issues the tokens of pods, because kubelet sends its requests there.
        return new Cluster(executable, script("kubeconfig", "1").strip(), wasDown);
    }

    /**
     * Returns what this machine's API servers have logged about the addresses behind the service, each by its own
     * clock. An API server that renews its lease late is removed from the addresses for a while.
     */
    String addressChanges() {
        if (executable == null) {
            return "";
        }
        return Stream.of("api1", "api2", "api3")
                .flatMap(name -> script("logs", name)
                        .lines()
                        .filter(line -> line.contains("Resetting endpoints"))
                        .map(line -> name + ": " + line))
                .collect(Collectors.joining("\n"));
    }

    private static String version(int number) {
        return VERSIONS.get(number - 1);
    }

    private static String script(String... arguments) {
        return script(Map.of(), arguments);
    }

    private static String script(Map<String, String> environment, String... arguments) {
        List<String> command = new ArrayList<>(List.of(SCRIPT.toString()));
        command.addAll(Arrays.asList(arguments));
        return Command.run(command, environment);
    }

    private static void addImages(Path executable) {
        try {
            Path directory = Files.createTempDirectory("images");
            Path guardian = Files.createDirectory(directory.resolve("guardian"));
            Files.copy(executable, guardian.resolve("token-guardian"));
            script(
                    Map.of("IMAGE_USER", "65532:65532"),
                    "image",
                    guardianImage(),
                    guardian.toString(),
                    "/token-guardian");
            String client = directory.resolve("client").toString();
            Command.run(List.of(CLIENT_IMAGE.toString(), client));
            script("image", Mode.CLIENT_IMAGE, client, "/client");
            Command.run(List.of("rm", "-r", directory.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the name of the guardian's image in the manifests. */
    private static String guardianImage() throws IOException {
        return firstImage(Path.of("k8s/sidecar/gate/pod.yaml"));
    }

    private static String firstImage(Path manifest) throws IOException {
        return Pattern.compile("image: *(\\S+)")
                .matcher(Files.readString(manifest))
                .results()
                .map(image -> image.group(1))
                .findFirst()
                .orElseThrow();
    }

    /**
     * Starts Argo's controller, and adds the image of the steps of {@code pipeline} to the node: the apps' client, with
     * kubectl. The controller looks at a workflow two seconds after a pod has changed, instead of ten.
     */
    void startArgo(Path pipeline) throws IOException {
        needsApiServers();
        String client = Files.createTempDirectory("kubectl").toString();
        Command.run(List.of(CLIENT_IMAGE.toString(), client, "kubectl"));
        script("image", firstImage(pipeline), client);
        Command.run(List.of("rm", "-r", client));
        script(Map.of("DEFAULT_REQUEUE_TIME", "2s"), "argo");
    }

    /** Returns the log of Argo's controller. */
    String argoLog() {
        return script("logs", "argo");
    }

    /** Returns the path of a program that comes with the cluster. */
    String tool(String name) {
        needsApiServers();
        return script("tool", name).strip();
    }

    /** Runs kubectl with these arguments, as an administrator, at any API server. */
    String kubectl(String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(Needed.onPath("kubectl", "kubectl"), "--kubeconfig", kubeconfig()));
        command.addAll(Arrays.asList(arguments));
        return Command.run(command);
    }

    private void renewNamespace() {
        long limit = HangDetector.millis();
        client.namespaces()
                .withName(NAMESPACE)
                .withTimeout(limit, TimeUnit.MILLISECONDS)
                .delete();
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
        client.serviceAccounts().withName("default").waitUntilCondition(Objects::nonNull, limit, TimeUnit.MILLISECONDS);
        client.configMaps().withName(CA).waitUntilCondition(Objects::nonNull, limit, TimeUnit.MILLISECONDS);
    }

    /** Returns an administrator's client for the tests' namespace, at the API server that issues the tokens of pods. */
    KubernetesClient client() {
        return client;
    }

    /** Creates the objects in this YAML. */
    void create(String yaml) {
        client.load(new ByteArrayInputStream(yaml.getBytes(UTF_8))).create();
    }

    /** Deletes the objects in this YAML. */
    void delete(String yaml) {
        client.load(new ByteArrayInputStream(yaml.getBytes(UTF_8))).delete();
    }

    /** Deletes the pod, and waits until it is gone. */
    void delete(Pod pod) {
        client.resource(pod)
                .withGracePeriod(0)
                .withTimeout(HangDetector.millis(), TimeUnit.MILLISECONDS)
                .delete();
    }

    /** Returns the path of an administrator's kubeconfig, whose connections go to any API server. */
    String kubeconfig() {
        needsApiServers();
        return script("kubeconfig").strip();
    }

    /** Creates the pod by way of API server {@code creator}, 1 to 3, and waits until it runs. */
    Pod createAndAwait(int creator, Pod pod) {
        try (KubernetesClient server = client(creator)) {
            return server.resource(server.resource(pod).create())
                    .waitUntilCondition(
                            made -> made != null
                                    && "Running".equals(made.getStatus().getPhase()),
                            HangDetector.millis(),
                            TimeUnit.MILLISECONDS);
        }
    }

    /** Waits until each API server would create the pod as {@code expected}. */
    void awaitAdmission(Pod pod, Predicate<Pod> expected) {
        for (int number = 1; number <= VERSIONS.size(); number++) {
            try (KubernetesClient server = client(number)) {
                await().until(() -> expected.test(server.resource(pod).dryRun().create()));
            }
        }
    }

    /** Returns an administrator's client at API server {@code number}, 1 to 3. The caller closes it. */
    KubernetesClient client(int number) {
        return client(script("kubeconfig", Integer.toString(number)).strip());
    }

    /** Returns the addresses and ports of the API servers, for example 198.51.100.11:6443. */
    List<String> apiServers() {
        return client.endpoints().inNamespace("default").withName("kubernetes").require().getSubsets().stream()
                .flatMap(subset -> subset.getAddresses().stream()
                        .map(address ->
                                address.getIp() + ":" + subset.getPorts().get(0).getPort()))
                .toList();
    }

    /** Skips the test if this machine does not run the API servers: it can't set their clocks or restart them. */
    private void needsApiServers() {
        if (executable == null) {
            abort("the API servers of this cluster run elsewhere");
        }
    }

    /** Returns the guardian's executable, which only this machine's cluster has. */
    Path executable() {
        return Objects.requireNonNull(executable);
    }

    /** Sets the clock of API server {@code number}, 1 to 3, this many seconds ahead, or behind if negative. */
    void setClock(int number, int seconds) {
        needsApiServers();
        script("clock", Integer.toString(number), Integer.toString(seconds));
    }

    /**
     * Sets a clock in one of three calls, by up to 200 s. The clock of the first API server is never behind, because an
     * administrator's certificate may be as young as the cluster.
     */
    void jump(Random random) {
        int number = random.nextInt(9) + 1;
        if (number <= 3) {
            setClock(number, random.nextInt(number == 1 ? 0 : -FARTHEST, FARTHEST + 1));
        }
    }

    /** Sets all clocks to the right time. */
    void resetClocks() {
        for (int number = 1; number <= 3; number++) {
            setClock(number, 0);
        }
    }

    /** Sends a signal to kubelet. */
    void signalKubelet(String signal) {
        try {
            String pid = Files.readString(programs().resolveSibling("run/kubelet.pid"));
            Command.run(List.of("kill", "-" + signal, pid.strip()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Freezes these containers, as for a checkpoint, or lets them continue: {@code pause} or {@code resume}. */
    void task(String action, List<String> containers) {
        String socket = programs().resolveSibling("run/containerd.sock").toString();
        String ctr = programs().resolve("ctr").toString();
        containers.forEach(
                container -> Command.run(List.of(ctr, "-a", socket, "-n", "k8s.io", "tasks", action, container)));
    }

    private static Path programs() {
        return Path.of(script("assets").strip());
    }

    /** Restarts API server {@code number}, with these additional flags. */
    void restart(int number, String... flags) {
        needsApiServers();
        script(
                Map.of("API_SERVER_FLAGS", String.join(" ", flags)),
                "restart",
                Integer.toString(number),
                version(number));
    }

    /** Restarts API server {@code number} with only the keys of tokens in this file, until its next restart. */
    void restartWithKeys(int number, Path keys) {
        needsApiServers();
        script(
                Map.of("SERVICE_ACCOUNT_KEY_FILE", keys.toString()),
                "restart",
                Integer.toString(number),
                version(number));
    }

    /**
     * Waits until the service leads to API server {@code number}, after a restart. kube-proxy watches API server 1, and
     * may reconnect only half a minute later.
     */
    void awaitService(int number) {
        await().until(() -> Command.run(List.of("/usr/sbin/iptables-save", "-t", "nat"))
                .contains("--to-destination 198.51.100.1" + number + ":6443"));
    }

    /** Returns a ten-minute token of the tests' service account, issued by API server {@code number}. */
    String issue(int number) {
        try (KubernetesClient issuer = client(number)) {
            return issuer.serviceAccounts()
                    .withName("default")
                    .tokenRequest(new TokenRequestBuilder()
                            .withNewSpec()
                            .withExpirationSeconds(600L)
                            .endSpec()
                            .build())
                    .getStatus()
                    .getToken();
        }
    }

    /** Writes a token that API server {@code issuer} issues, as in {@link #issue}, and the CA to the directory. */
    void mount(Path directory, int issuer) throws IOException {
        Path ca = directory.resolve("ca.crt");
        if (!Files.exists(ca)) {
            Files.writeString(
                    ca, client.configMaps().withName(CA).require().getData().get("ca.crt"));
        }
        Path token = Files.writeString(directory.resolve("next"), issue(issuer));
        Files.move(token, directory.resolve("token"), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Returns the address at which pods reach the API servers. */
    String serviceAddress() {
        return client.services()
                .inNamespace("default")
                .withName("kubernetes")
                .require()
                .getSpec()
                .getClusterIP();
    }

    @Override
    public void close() {
        if (started) {
            script("down");
        } else {
            client.namespaces().withName(NAMESPACE).delete();
        }
        client.close();
    }
}
