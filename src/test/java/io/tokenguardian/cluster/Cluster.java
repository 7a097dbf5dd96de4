package io.tokenguardian.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.abort;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.tokenguardian.HangDetector;
import io.tokenguardian.testing.Command;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The cluster that the tests run in, with their namespace, and the images on its nodes. Either this machine's, which
 * {@code ../shared/cluster/cluster} starts and whose clocks can be set; or, with {@code KUBECONFIG} in the environment,
 * any other, whose nodes have the images already.
 */
final class Cluster implements AutoCloseable {
    static final String NAMESPACE = "token-guardian-tests";
    private static final String CA = "kube-root-ca.crt";
    private static final Path SCRIPT = Path.of("../shared/cluster/cluster");
    private static final Path CLIENT_IMAGE = Path.of("src/test/cluster/client-image");

    private final @Nullable Path executable;
    private final KubernetesClient client;
    private final boolean started;

    /** @param executable the guardian's, on this machine's cluster; null on another */
    private Cluster(@Nullable Path executable, String kubeconfig, boolean started) {
        this.executable = executable;
        this.client = client(kubeconfig);
        this.started = started;
        renewNamespace();
    }

    /**
     * Each request has a new connection. The tests restart API servers and set their clocks, and a request over an idle
     * connection that the server closes meanwhile would fail.
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

    /** Skips the test where there is no cluster. */
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
        Path home = Path.of(script("assets").strip()).resolveSibling("run");
        boolean wasDown = !Files.exists(home);
        script("up");
        addImages(executable);
        // API server 1 issues the tokens of pods: kubelet's requests go there.
        return new Cluster(executable, script("kubeconfig", "1").strip(), wasDown);
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
            script("image", "token-guardian-client:test", client, "/client");
            Command.run(List.of("rm", "-r", directory.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The image's name in the manifests. */
    private static String guardianImage() throws IOException {
        return Pattern.compile("image: *(\\S+)")
                .matcher(Files.readString(Path.of("k8s/sidecar/native/pod.yaml")))
                .results()
                .map(image -> image.group(1))
                .findFirst()
                .orElseThrow();
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

    /** An administrator's client, by the API server that issues the tokens of pods, for the tests' namespace. */
    KubernetesClient client() {
        return client;
    }

    /** Creates the objects of this YAML. */
    void create(String yaml) {
        client.load(new ByteArrayInputStream(yaml.getBytes(UTF_8))).create();
    }

    /** Waits until the service of that name has an endpoint. */
    void awaitEndpoints(String service) {
        client.endpoints()
                .withName(service)
                .waitUntilCondition(
                        endpoints ->
                                endpoints != null && !endpoints.getSubsets().isEmpty(),
                        HangDetector.millis(),
                        TimeUnit.MILLISECONDS);
    }

    /** An administrator's client by API server {@code number}, 1 to 3, which the caller closes. */
    KubernetesClient client(int number) {
        return client(script("kubeconfig", Integer.toString(number)).strip());
    }

    /** The addresses and ports of the API servers, such as 198.51.100.11:6443. */
    List<String> apiServers() {
        return client.endpoints().inNamespace("default").withName("kubernetes").require().getSubsets().stream()
                .flatMap(subset -> subset.getAddresses().stream()
                        .map(address ->
                                address.getIp() + ":" + subset.getPorts().get(0).getPort()))
                .toList();
    }

    /** Skips the test where this machine does not run the API servers, so that it can't set their clocks. */
    void needsClocks() {
        if (executable == null) {
            abort("the clocks of this cluster's API servers can't be set");
        }
    }

    /** The guardian's executable, where the cluster is this machine's. */
    Path executable() {
        return Objects.requireNonNull(executable);
    }

    /** Sets the clock of API server {@code number}, 1 to 3, so many seconds ahead; negative: behind. */
    void setClock(int number, int seconds) {
        script("clock", Integer.toString(number), Integer.toString(seconds));
    }

    /** Sets all clocks right. */
    void resetClocks() {
        for (int number = 1; number <= 3; number++) {
            setClock(number, 0);
        }
    }

    /** Starts API server {@code number} anew, with these flags besides its own. */
    void restart(int number, String... flags) {
        script(Map.of("API_SERVER_FLAGS", String.join(" ", flags)), "restart", Integer.toString(number));
    }

    /** A token of the tests' service account for ten minutes, issued by API server {@code number}. */
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

    /** Puts a token of API server {@code issuer} into the directory, as {@link #issue} has it, and the CA. */
    void mount(Path directory, int issuer) throws IOException {
        Files.writeString(directory.resolve("token"), issue(issuer));
        Files.writeString(
                directory.resolve("ca.crt"),
                client.configMaps().withName(CA).require().getData().get("ca.crt"));
    }

    /** The address at which pods find the API servers. */
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
