package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.tokenguardian.envtest.Api;
import io.tokenguardian.envtest.ControlPlane;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The admission policies on a real API server, with the server's CEL. The resulting pod, or the message of the refusal,
 * is the same as {@link Admission} and {@link Validation} predict for the other tests.
 */
@Tag("envtest")
@ResourceLock(PolicyObjects.LOCK)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InjectionOnServerIT {
    private static final String INJECT = "token-guardian.io/inject";

    private final ControlPlane plane = ControlPlane.shared();
    private final Api admin = plane.apiServer(0).admin();
    private final List<HasMetadata> objects =
            Manifests.objects(Kubectl.find().kustomize(Manifests.ROOT.resolve("injection/v1")));
    private final Admission admission = new Admission(objects);
    private final String namespace = admin.namespace();
    private PolicyObjects policies = new PolicyObjects(admin, List.of());

    /** A pod and its origin. */
    private record Sample(String from, ObjectNode pod) {
        @Override
        public String toString() {
            return from + " " + pod.path("metadata").path("annotations");
        }
    }

    @BeforeAll
    void install() {
        policies = PolicyObjects.install(admin, "injection");
        await().until(() -> create(labelled(pod("{}"), "true"))
                        .json()
                        .path("spec")
                        .path("initContainers")
                        .size()
                == 1);
    }

    @AfterAll
    void remove() {
        policies.remove();
    }

    /** Returns the response to a dry-run creation of {@code pod}. */
    private Api.Response create(JsonNode pod) {
        return admin.post("/api/v1/namespaces/" + namespace + "/pods?dryRun=All", pod.toString());
    }

    private static ObjectNode labelled(ObjectNode pod, String value) {
        ObjectNode labelled = pod.deepCopy();
        labelled.withObject("/metadata/labels").put(INJECT, value);
        return labelled;
    }

    private static ObjectNode pod(String annotations) {
        String yaml = """
                apiVersion: v1
                kind: Pod
                metadata:
                  name: app
                  annotations: %s
                spec:
                  containers:
                    - name: app
                      image: app:1.0
                      ports: [{containerPort: 8080}]
                """.formatted(annotations);
        return (ObjectNode) Manifests.documents(yaml).get(0);
    }

    /** The pods of {@code k8s}, of the samples and of the golden files, and a pod for each mode. */
    static List<Sample> samples() throws IOException {
        List<Sample> samples = new ArrayList<>();
        for (Path root : List.of(Path.of("k8s"), Path.of("src/test/resources/k8s"))) {
            try (Stream<Path> files = Files.walk(root)) {
                files.filter(file -> file.toString().endsWith(".yaml")
                                && !file.toString().contains("helm")
                                && !file.toString().contains("monitoring"))
                        .sorted()
                        .forEach(file -> Manifests.documents(Manifests.text(file))
                                .forEach(document ->
                                        pod(document).ifPresent(pod -> samples.add(new Sample(file.toString(), pod)))));
            }
        }
        for (String mode : List.of("sidecar", "fast", "proxy", "vetted", "transparent", "wait-only")) {
            samples.add(new Sample("mode", pod("{token-guardian.io/mode: " + mode + "}")));
        }
        return samples;
    }

    /** Returns the pod of a workload, or the pod itself; empty for other objects, and for parts of a pod. */
    private static Optional<ObjectNode> pod(JsonNode document) {
        JsonNode template = switch (document.path("kind").asText()) {
            case "Pod" -> document;
            case "CronJob" -> document.at("/spec/jobTemplate/spec/template");
            default -> document.at("/spec/template");
        };
        if (!(template instanceof ObjectNode found)
                || !template.at("/spec/containers/0").has("image")) {
            return Optional.empty();
        }
        ObjectNode pod = found.deepCopy();
        pod.put("apiVersion", "v1").put("kind", "Pod");
        pod.withObject("/metadata").put("name", "app").remove("namespace");
        ((ObjectNode) pod.path("spec")).remove("serviceAccountName");
        return Optional.of(pod);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("samples")
    void thePodIsMadeAsPredicted(Sample sample) {
        // The pod with its defaults and its token, as the policy sees it.
        JsonNode before = comparable(create(labelled(sample.pod(), "false")).succeeded());
        JsonNode predicted = admission.admit(labelled((ObjectNode) before, "true"));

        JsonNode made = comparable(create(labelled(sample.pod(), "true")).succeeded());

        assertThat(missing("", predicted.path("spec"), made.path("spec"))).isEmpty();
        assertThat(names(made)).isEqualTo(names(predicted));
    }

    private static List<String> names(JsonNode pod) {
        return Stream.of("initContainers", "containers", "volumes")
                .flatMap(
                        list -> StreamSupport.stream(pod.path("spec").path(list).spliterator(), false))
                .map(each -> each.path("name").asText())
                .toList();
    }

    /** Replaces the name of the token's volume, which the API server chooses at random. */
    private static JsonNode comparable(Api.Response response) {
        return Manifests.documents(response.body().replaceAll("kube-api-access-\\w{5}", "kube-api-access-token"))
                .get(0);
    }

    /**
     * Returns the parts of {@code expected} that are missing in {@code actual}, which may contain more: defaults, and
     * elements at the end of a list.
     */
    private static List<String> missing(String path, JsonNode expected, JsonNode actual) {
        List<String> missing = new ArrayList<>();
        if (expected.isObject()) {
            expected.properties()
                    .forEach(field -> missing.addAll(
                            missing(path + "/" + field.getKey(), field.getValue(), actual.path(field.getKey()))));
        } else if (expected.isArray()) {
            for (int i = 0; i < expected.size(); i++) {
                missing.addAll(missing(path + "/" + i, expected.get(i), actual.path(i)));
            }
        } else if (!expected.asText().equals(actual.asText())) {
            missing.add(path + ": " + expected + " is predicted, and " + actual + " is there");
        }
        return missing;
    }

    static Stream<String> refusedAnnotations() {
        return Stream.of(
                "{token-guardian.io/mode: prxy}",
                "{token-guardian.io/mode: \"\"}",
                "{token-guardian.io/http-port: \"0\"}",
                "{token-guardian.io/management-port: \"65536\"}",
                "{token-guardian.io/memory-limit: lots}",
                "{token-guardian.io/image: a b}",
                "{token-guardian.io/env: 1A=1}",
                "{token-guardian.io/moed: proxy}",
                "{token-guardian.io/proxy-port: \"8080\"}");
    }

    @ParameterizedTest
    @MethodSource("refusedAnnotations")
    void thePodIsRefusedWithThePredictedLine(String annotations) {
        ObjectNode pod = labelled(pod(annotations), "true");
        ObjectNode before =
                (ObjectNode) comparable(create(labelled(pod, "false")).succeeded());
        List<String> predicted =
                Validation.refusing(objects).messages(admission.admit(labelled(before, "true")), Admission.NAMESPACE);
        assertThat(predicted).isNotEmpty();

        Api.Response response = create(pod);

        assertThat(response.status()).isEqualTo(422);
        assertThat(response.json().path("message").asText())
                .contains("ValidatingAdmissionPolicy 'token-guardian' with binding 'token-guardian' denied request: "
                        + predicted.get(0));
    }

    @Test
    void theLabelOfANamespaceIsForAllItsPods() {
        String other = admin.namespace();
        admin.patch(
                        "/api/v1/namespaces/" + other,
                        Api.MERGE_PATCH,
                        "{\"metadata\":{\"labels\":{\"" + INJECT + "\":\"true\"}}}")
                .succeeded();

        await().until(() -> names(comparable(admin.post(
                        "/api/v1/namespaces/" + other + "/pods?dryRun=All",
                        pod("{}").toString())))
                .contains("token-guardian"));
    }

    /** The server stores a single object for both versions. */
    @Test
    void thePolicyIsTheSameInBothVersions() {
        String path = "/mutatingadmissionpolicies/token-guardian";
        assumeTrue(PolicyObjects.serves(admin, "v1"), "this version has no MutatingAdmissionPolicy in v1");

        JsonNode one = admin.get("/apis/admissionregistration.k8s.io/v1" + path)
                .succeeded()
                .json();
        JsonNode other = admin.get("/apis/admissionregistration.k8s.io/v1beta1" + path)
                .succeeded()
                .json();

        assertThat(one.path("spec")).isEqualTo(other.path("spec"));
    }

    @Test
    void theManifestsOfV1beta1AreTaken() {
        for (JsonNode object :
                Manifests.documents(Kubectl.find().kustomize(Manifests.ROOT.resolve("injection/v1beta1")))) {
            ((ObjectNode) object.path("metadata")).put("name", "another");
            assertThat(admin.post(PolicyObjects.collection(object) + "?dryRun=All", object.toString())
                            .status())
                    .isEqualTo(201);
        }
    }
}
