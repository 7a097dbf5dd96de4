package io.tokenguardian.cluster;

import static java.util.stream.Collectors.joining;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.tokenguardian.Needed;
import io.tokenguardian.testing.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How the guardian is added to a pod: by a kustomize component, or not at all. */
enum Mode {
    UNGUARDED(""),
    GATE("sidecar"),
    TRANSPARENT("sidecar/transparent"),
    WAIT_ONLY("wait-only");

    static final String CLIENT_IMAGE = "token-guardian-client:test";

    /** A patch that makes the app send its requests to the proxy, over plain HTTP. */
    static final String BY_PROXY = """
            metadata: {name: pod}
            spec: {containers: [{name: main, env: [{name: PROXY, value: "http://127.0.0.1:8001"}]}]}
            """;

    /** The component's directory in {@code k8s}. */
    private final String component;

    Mode(String component) {
        this.component = component;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Returns a pod whose only container runs {@code /client} with these arguments.
     *
     * @param patch the metadata, with the name pod, and the spec of an additional strategic merge patch; or empty
     */
    Pod pod(Cluster cluster, String patch, String... arguments) {
        try {
            Path directory = Files.createTempDirectory("pod").toRealPath();
            Path path = directory.relativize(Path.of("k8s").toRealPath()).resolve(component);
            Files.writeString(directory.resolve("pod.yaml"), """
                    apiVersion: v1
                    kind: Pod
                    metadata:
                      name: pod
                      labels:
                        token-guardian.io/inject: "true"
                    spec:
                      restartPolicy: Never
                      containers:
                        - name: main
                          image: %s
                          imagePullPolicy: IfNotPresent
                          command: ["/client", %s]
                          env:
                            - name: REPLICAS
                              value: "%s"
                    """.formatted(
                            CLIENT_IMAGE,
                            Arrays.stream(arguments)
                                    .map(argument -> '"' + argument + '"')
                                    .collect(joining(", ")),
                            String.join(" ", cluster.apiServers())));
            Files.writeString(directory.resolve("patch.yaml"), "apiVersion: v1\nkind: Pod\n" + patch);
            Files.writeString(
                    directory.resolve("kustomization.yaml"),
                    "resources: [pod.yaml]\n"
                            + (this == UNGUARDED ? "" : "components: [" + path + "]\n")
                            + (patch.isEmpty() ? "" : "patches: [{path: patch.yaml}]\n"));
            String kubectl = Needed.onPath("kubectl", "kubectl");
            Pod pod = Serialization.unmarshal(
                    Command.run(List.of(kubectl, "kustomize", directory.toString())), Pod.class);
            Command.run(List.of("rm", "-r", directory.toString()));
            return pod;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
