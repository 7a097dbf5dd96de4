package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.tokenguardian.Readme;
import io.tokenguardian.envtest.Api;
import io.tokenguardian.envtest.ControlPlane;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the admission policies do to new pods, on a real API server. Most cases are in the table {@code injection.yaml}.
 * Nothing is stored: all creations are dry runs.
 */
@Tag("envtest")
@ResourceLock(PolicyObjects.LOCK)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InjectionIT {
    private static final String LABEL = "token-guardian.io/inject";
    private static final Path RESOURCES = Path.of("src/test/resources/k8s");
    private static final List<JsonNode> TABLE =
            Manifests.documents(Manifests.text(RESOURCES.resolve("injection.yaml")));
    private static final JsonNode PLAIN = JsonNodeFactory.instance.objectNode();
    private static final JsonNode ASKING = JsonNodeFactory.instance
            .objectNode()
            .set("labels", JsonNodeFactory.instance.objectNode().put(LABEL, "true"));
    private static final JsonNode OPENSHIFT = JsonNodeFactory.instance
            .objectNode()
            .set(
                    "annotations",
                    JsonNodeFactory.instance.objectNode().put("openshift.io/sa.scc.uid-range", "1000680000/10000"));

    private final ControlPlane plane = ControlPlane.shared();
    private final Api admin = plane.apiServer(0).admin();
    private final Map<JsonNode, String> namespaces = new ConcurrentHashMap<>();
    private final List<PolicyObjects> variants = new ArrayList<>();
    private PolicyObjects policies = new PolicyObjects(admin, List.of());
    private JsonNode guardian = PLAIN;

    private record Case(JsonNode table) {
        @Override
        public String toString() {
            return table.path("case").asText();
        }
    }

    @BeforeAll
    void install() {
        PolicyObjects.assumeServed(admin);
        List<JsonNode> objects = PolicyObjects.manifests();
        parameters(objects).put("image-annotation", "true");
        policies = new PolicyObjects(admin, objects).created();
        admin.post(
                        "/api/v1/namespaces/" + namespace(PLAIN) + "/serviceaccounts",
                        "{\"metadata\":{\"name\":\"tokenless\"},\"automountServiceAccountToken\":false}")
                .succeeded();
        await().until(() -> hasGuardian(create(pod(), PLAIN)) && hasGuardian(create(unlabelled(pod()), ASKING)));
        ObjectNode wrong = Manifests.annotated(pod(), "mode", "prxy");
        await().until(() -> create(wrong, PLAIN).status() == 422
                && create(unlabelled(wrong), ASKING).status() == 422);
        ObjectNode onNode = pod();
        ((ObjectNode) onNode.path("spec")).put("hostNetwork", true);
        await().until(() -> !warnings(create(onNode, PLAIN)).isEmpty());
        guardian = comparable(create(pod(), PLAIN)).at("/spec/initContainers/0");
    }

    @AfterAll
    void remove() {
        policies.remove();
        variants.forEach(PolicyObjects::remove);
    }

    /** The pod with which the table begins. */
    private static ObjectNode pod() {
        return TABLE.get(0).path("pod").deepCopy();
    }

    private static ObjectNode unlabelled(ObjectNode pod) {
        ObjectNode copy = pod.deepCopy();
        copy.withObject("/metadata/labels").remove(LABEL);
        return copy;
    }

    private static ObjectNode labelled(ObjectNode pod) {
        ObjectNode copy = pod.deepCopy();
        copy.withObject("/metadata/labels").put(LABEL, "true");
        return copy;
    }

    /** Returns the namespace with these labels and annotations. */
    private String namespace(JsonNode metadata) {
        return namespaces.computeIfAbsent(metadata, key -> admin.namespace((ObjectNode) key));
    }

    private Api.Response create(JsonNode pod, JsonNode namespace) {
        return admin.post("/api/v1/namespaces/" + namespace(namespace) + "/pods?dryRun=All", pod.toString());
    }

    private static boolean hasGuardian(Api.Response response) {
        return names(response.json().at("/spec/initContainers")).contains("token-guardian");
    }

    /** The lines of the policy that warns. */
    private static List<String> warnings(Api.Response response) {
        return response.headers().allValues("Warning").stream()
                .filter(warning -> warning.contains("token-guardian-warning"))
                .map(warning -> warning.replaceFirst(".*binding 'token-guardian-warning': (.*)\"", "$1"))
                .toList();
    }

    private static List<String> names(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(each -> each.path("name").asText())
                .toList();
    }

    /** Returns the pod without what the API server chooses at random. */
    private static ObjectNode comparable(Api.Response response) {
        ObjectNode pod = (ObjectNode) Manifests.documents(
                        response.succeeded().body().replaceAll("kube-api-access-\\w{5}", "kube-api-access-token"))
                .get(0);
        pod.remove("status");
        ((ObjectNode) pod.path("metadata"))
                .remove(List.of("name", "namespace", "uid", "creationTimestamp", "managedFields"));
        return pod;
    }

    static Stream<Case> cases() {
        return TABLE.stream().skip(1).map(Case::new);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void aPodBecomesWhatTheTableSays(Case row) {
        ObjectNode pod = pod();
        pod.withObject("/metadata").setAll(part(row, "metadata"));
        part(row, "annotations")
                .properties()
                .forEach(each ->
                        Manifests.annotated(pod, each.getKey(), each.getValue().asText()));
        if (row.table().has("labels")) {
            pod.withObject("/metadata").set("labels", row.table().path("labels"));
        }
        pod.withObject("/spec").setAll(part(row, "spec"));
        ((ObjectNode) pod.at("/spec/containers/0")).setAll(part(row, "container"));

        Api.Response response = create(pod, part(row, "namespace"));

        if (row.table().has("allowed")) {
            response.succeeded();
            return;
        }
        ObjectNode expected = row.table().deepCopy();
        expected.retain("refused", "unchanged", "warning", "changes");
        assertThat(outcome(pod, response)).isEqualTo(expected);
    }

    private static ObjectNode part(Case row, String name) {
        return row.table().path(name).isObject()
                ? row.table().path(name).deepCopy()
                : JsonNodeFactory.instance.objectNode();
    }

    /** Returns the outcome of {@code response}, in the form of the table. */
    private ObjectNode outcome(ObjectNode pod, Api.Response response) {
        ObjectNode outcome = JsonNodeFactory.instance.objectNode();
        if (response.status() == 422) {
            return outcome.put(
                    "refused", response.json().path("message").asText().replaceFirst(".*denied request: ", ""));
        }
        ObjectNode made = comparable(response);
        ObjectNode before = comparable(create(unlabelled(pod), PLAIN));
        if (pod.at("/metadata/labels").isEmpty()) {
            ((ObjectNode) before.path("metadata")).remove("labels");
        } else {
            ((ObjectNode) before.path("metadata")).set("labels", pod.at("/metadata/labels"));
        }
        if (made.path("spec").equals(before.path("spec"))) {
            outcome.put("unchanged", true);
        } else {
            ((ObjectNode) before.path("spec")).withArray("initContainers").insert(0, guardian);
            before = labelled(before);
        }
        warnings(response).forEach(warning -> outcome.put("warning", warning));
        ObjectNode changes = JsonNodeFactory.instance.objectNode();
        compare(changes, "", before, made);
        return changes.isEmpty() ? outcome : outcome.set("changes", changes);
    }

    /** Adds the differing parts of {@code after} to {@code changes}, by path. */
    private static void compare(ObjectNode changes, String path, JsonNode before, JsonNode after) {
        boolean isNamed = path.matches("(.*/)?(initContainers|containers|volumes)");
        if (isNamed && !names(before).equals(names(after))) {
            names(after).forEach(changes.withArray("/" + path.replace("/", "~1"))::add);
        }
        JsonNode from = isNamed ? byName(before) : before;
        JsonNode to = isNamed ? byName(after) : after;
        if (from.isObject() && to.isObject()) {
            Set<String> fields = new LinkedHashSet<>();
            from.fieldNames().forEachRemaining(fields::add);
            to.fieldNames().forEachRemaining(fields::add);
            fields.forEach(field ->
                    compare(changes, path.isEmpty() ? field : path + "/" + field, from.path(field), to.path(field)));
        } else if (!from.equals(to)) {
            changes.set(path, to.isMissingNode() ? null : to);
        }
    }

    private static ObjectNode byName(JsonNode list) {
        ObjectNode byName = JsonNodeFactory.instance.objectNode();
        list.forEach(each -> byName.set(each.path("name").asText(), each));
        return byName;
    }

    /**
     * A YAML block can contain line breaks. The server accepts no message that has more than one line or is longer than
     * 5 KiB.
     */
    @ParameterizedTest
    @CsvSource({
        "mode, token-guardian.io/mode",
        "image, token-guardian.io/image",
        "http-port, a port of token-guardian.io/",
        "cpu-limit, a quantity of token-guardian.io/",
        "env, a line of token-guardian.io/env"
    })
    void aValueThatNoMessageCanTakeIsRefusedInOneLineWithoutIt(String name, String beginning) {
        for (String value : name.equals("env") ? List.of("x".repeat(6000)) : List.of("proxy :\n", "y ".repeat(3000))) {
            ObjectNode pod = Manifests.annotated(pod(), name, value);

            assertThat(outcome(pod, create(pod, PLAIN)).path("refused").asText())
                    .startsWith(beginning)
                    .doesNotContain("\n")
                    .hasSizeLessThan(5000);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gate", "transparent"})
    void eachModeAddsToThePodWhatTheComponentDoes(String mode) {
        ObjectNode sample = labelledPod(Manifests.text(RESOURCES.resolve("samples.yaml")));
        ObjectNode expected = labelledPod(Manifests.text(RESOURCES.resolve("sidecar/" + mode + ".yaml")));

        PodSpec made = spec(comparable(create(Manifests.annotated(sample, "mode", mode), PLAIN)));

        PodSpec ofTheComponent = spec(comparable(create(unlabelled(expected), PLAIN)));
        assertThat(made.getInitContainers()).isEqualTo(ofTheComponent.getInitContainers());
        assertThat(made.getContainers()).isEqualTo(ofTheComponent.getContainers());
        assertThat(made.getVolumes()).isEqualTo(ofTheComponent.getVolumes());
    }

    private static ObjectNode labelledPod(String yaml) {
        return (ObjectNode) Manifests.documents(yaml).stream()
                .filter(document -> document.path("kind").asText().equals("Pod")
                        && document.at("/metadata/labels").has(LABEL))
                .findFirst()
                .orElseThrow();
    }

    /** Sorts by name, and removes the token's mounts and volumes. */
    private static PodSpec spec(JsonNode pod) {
        PodSpec spec = Manifests.read(pod.path("spec"), PodSpec.class);
        Stream.concat(spec.getInitContainers().stream(), spec.getContainers().stream())
                .forEach(container -> {
                    container.getEnv().sort((a, b) -> a.getName().compareTo(b.getName()));
                    container.setVolumeMounts(container.getVolumeMounts().stream()
                            .filter(mount -> !mount.getName().endsWith("-token"))
                            .sorted((a, b) -> a.getName().compareTo(b.getName()))
                            .toList());
                });
        spec.setVolumes(spec.getVolumes().stream()
                .filter(volume -> !volume.getName().endsWith("-token"))
                .sorted((a, b) -> a.getName().compareTo(b.getName()))
                .toList());
        return spec;
    }

    /** On OpenShift, SecurityContextConstraints choose the user of a container that does not set one. */
    @ParameterizedTest
    @ValueSource(strings = {"gate", "transparent"})
    void inANamespaceWithAUserRangeTheGuardianNamesNoUser(String mode) {
        ObjectNode pod = Manifests.annotated(pod(), "mode", mode);
        ObjectNode elsewhere = comparable(create(pod, PLAIN));

        ObjectNode made = comparable(create(pod, OPENSHIFT));

        ObjectNode changes = JsonNodeFactory.instance.objectNode();
        compare(changes, "", elsewhere, made);
        String context = "spec/initContainers/token-guardian/securityContext/";
        assertThat(changes)
                .isEqualTo(JsonNodeFactory.instance
                        .objectNode()
                        .putNull(context + "runAsUser")
                        .putNull(context + "runAsGroup"));
    }

    private static TransparentPod transparent(Api.Response response) {
        return new TransparentPod(Manifests.read(comparable(response).path("spec"), PodSpec.class));
    }

    @Test
    void thePodOfThePagesExampleGetsWhatItsAnnotationsSay() {
        JsonNode example = Readme.blocks(Path.of("docs/kubernetes.md"), "yaml").stream()
                .filter(block -> block.heading().equals(InjectionPageTest.ANNOTATIONS))
                .map(block -> Manifests.documents(block.text()).get(0))
                .findFirst()
                .orElseThrow();
        ObjectNode pod = pod();
        pod.withObject("/metadata").setAll((ObjectNode) example.at("/spec/template/metadata"));

        TransparentPod made = transparent(create(pod, PLAIN));

        assertThat(made.settings())
                .containsEntry("GUARDIAN_IN_CLUSTER_PORT", "8003")
                .containsEntry("QUARKUS_MANAGEMENT_PORT", "19000")
                .containsEntry("GUARDIAN_READINESS_ACCEPTED_BY", "any");
        assertThat(made.guardian().getResources().getLimits()).containsKeys("cpu", "memory");
    }

    private static ObjectNode parameters(List<JsonNode> objects) {
        return PolicyObjects.find("ConfigMap", objects).withObject("/data");
    }

    /**
     * Installs the parameters, and the policy {@code token-guardian} of a kind, under another name, for pods with the
     * label {@code variant: NAME}. Returns the pod of the table with this label.
     */
    private ObjectNode variant(String name, String kind, List<JsonNode> objects) {
        ObjectNode parameters = PolicyObjects.find("ConfigMap", objects);
        ObjectNode policy = PolicyObjects.find(kind, objects);
        ObjectNode binding = PolicyObjects.find(kind + "Binding", objects);
        ((ObjectNode) parameters.path("metadata")).put("namespace", "kube-system");
        List<JsonNode> renamed = List.of(parameters, policy, binding);
        renamed.forEach(object -> ((ObjectNode) object.path("metadata")).put("name", name));
        ObjectNode spec = (ObjectNode) binding.path("spec");
        spec.put("policyName", name).withObject("/paramRef").put("name", name).put("namespace", "kube-system");
        spec.putObject("matchResources")
                .withObject("/objectSelector/matchLabels")
                .put("variant", name);
        variants.add(new PolicyObjects(admin, renamed).created());
        ObjectNode pod = pod();
        pod.withObject("/metadata").putObject("labels").put("variant", name);
        return pod;
    }

    /** Installs the mutating policy, and returns the variant's pod once it is changed. */
    private Api.Response madeByVariant(String name, List<JsonNode> objects) {
        ObjectNode pod = variant(name, "MutatingAdmissionPolicy", objects);
        await().until(() -> create(pod, PLAIN).json().at("/metadata/labels").size() == 2);
        return create(pod, PLAIN);
    }

    /** A change to the image is a decision of the administrator, not of everyone who may create a pod. */
    @Test
    void byDefaultAPodWithAnImageAnnotationIsRefused() {
        ObjectNode pod = Manifests.annotated(
                variant("image-refused", "ValidatingAdmissionPolicy", PolicyObjects.manifests()), "image", "other:1");

        await().untilAsserted(() -> assertThat(
                        outcome(pod, create(pod, PLAIN)).path("refused").asText())
                .startsWith("token-guardian.io/image is not allowed: "));
    }

    /** The validation can be left out. */
    @Test
    void byDefaultAnImageAnnotationDoesNotReplaceTheImage() {
        ObjectNode pod = Manifests.annotated(
                variant("image-fixed", "MutatingAdmissionPolicy", PolicyObjects.manifests()), "image", "other:1");

        await().until(() -> hasGuardian(create(pod, PLAIN)));

        assertThat(comparable(create(pod, PLAIN)).at("/spec/initContainers/0/image"))
                .isEqualTo(guardian.path("image"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"kube-system", "kube-public", "kube-node-lease"})
    void aPodOfTheClusterItselfStaysUnchanged(String namespace) {
        ObjectNode pod = Manifests.annotated(pod(), "mode", "prxy");
        ((ObjectNode) pod.path("spec")).put("hostNetwork", true);

        String path = "/api/v1/namespaces/" + namespace;
        admin.post(path + "/serviceaccounts", "{\"metadata\":{\"name\":\"default\"}}");

        Api.Response response = admin.post(path + "/pods?dryRun=All", pod.toString());

        assertThat(hasGuardian(response.succeeded())).isFalse();
        assertThat(warnings(response)).isEmpty();
    }

    @Test
    void aPodWithoutAnnotationsGetsWhatTheValuesOfTheChartSay() {
        Map<String, String> values = new LinkedHashMap<>(ChartValuesTest.OTHERS);
        values.put("injection.enabled", "true");
        values.remove("fullnameOverride");

        Container made = transparent(
                        madeByVariant("chart", Manifests.documents(Chart.find().render("1.36.0", values))))
                .guardian();

        assertThat(made.getImage())
                .isEqualTo("registry.example.com:5000/platform/token-guardian:0.2.0@sha256:" + "ab".repeat(32));
        assertThat(made.getImagePullPolicy()).isEqualTo("Always");
        assertThat(made.getEnv())
                .contains(
                        new EnvVar("GUARDIAN_VETTED_TOKEN", "placeholder", null),
                        new EnvVar("GUARDIAN_IN_CLUSTER_PORT", "18003", null),
                        new EnvVar("GUARDIAN_PROXY_PORT", "18001", null),
                        new EnvVar("QUARKUS_HTTP_PORT", "18002", null),
                        new EnvVar("QUARKUS_MANAGEMENT_PORT", "19000", null));
        assertThat(made.getPorts().get(0).getContainerPort()).isEqualTo(19000);
        assertThat(made.getResources().getRequests())
                .isEqualTo(Map.of("cpu", new Quantity("500m"), "memory", new Quantity("128Mi")));
        assertThat(made.getResources().getLimits())
                .isEqualTo(Map.of("cpu", new Quantity("1"), "memory", new Quantity("512Mi")));
    }

    @Test
    void theKustomizationOfThePageChangesTheTokenAndTheMode(@TempDir Path directory) throws IOException {
        List<EnvVar> expected = Sidecar.ofTheTransparentComponent().getEnv();
        expected.get(0).setValue("placeholder");

        String rendered = Kubectl.find().kustomizePage(InjectionPageTest.PARAMETERS, directory);

        assertThat(transparent(madeByVariant("placeholder", Manifests.documents(rendered)))
                        .guardian()
                        .getEnv())
                .isEqualTo(expected);
    }

    @Test
    void whatAUserHasAddedToTheSidecarOfThePolicyStays() {
        List<JsonNode> objects = PolicyObjects.manifests();
        parameters(objects).put("mode", "transparent");
        ObjectNode patch = (ObjectNode)
                PolicyObjects.find("MutatingAdmissionPolicy", objects).at("/spec/mutations/0/jsonPatch");
        patch.put("expression", patch.path("expression").asText().replaceFirst("( *)imagePullPolicy:", """
            $1env: [Object.spec.initContainers.env{name: "GUARDIAN_PROXY_PORT", value: "18001"}],
            $1volumeMounts: [Object.spec.initContainers.volumeMounts{name: "token-guardian-vetted",
            $1  mountPath: "/data"}],
            $0\
            """));

        TransparentPod made = transparent(madeByVariant("added", objects));

        assertThat(made.settings())
                .containsEntry("GUARDIAN_PROXY_PORT", "18001")
                .containsEntry("GUARDIAN_IN_CLUSTER_PORT", "8003");
        assertThat(made.guardian().getVolumeMounts())
                .extracting(VolumeMount::getMountPath)
                .startsWith("/data", "/var/run/token-guardian-in-cluster", "/var/run/token-guardian-vetted");
    }
}
