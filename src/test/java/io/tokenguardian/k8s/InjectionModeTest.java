package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Which pods request the guardian from the admission policy, or from Kyverno's policies, and what their annotations
 * give them.
 */
@ParameterizedClass
@ValueSource(booleans = {false, true})
class InjectionModeTest {
    private static final Path DIRECTORY = Manifests.ROOT.resolve("injection/v1");
    private static final Path COMPONENTS = Path.of("src/test/resources/k8s/sidecar");
    private static final String SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
    private static final String TOKEN = "kube-api-access-x2k4z";

    private final List<HasMetadata> objects;
    private final Admission admission;

    InjectionModeTest(boolean isKyverno) {
        objects = isKyverno
                ? KyvernoPolicies.asAdmissionPolicies().stream()
                        .map(Manifests::object)
                        .toList()
                : Manifests.objects(Manifests.text(DIRECTORY.resolve("policy.yaml")) + "---\n"
                        + Manifests.text(DIRECTORY.resolve("binding.yaml")) + "---\n"
                        + Manifests.text(DIRECTORY.resolve("validation.yaml")));
        admission = new Admission(objects, isKyverno);
    }

    /** The pod of {@code samples.yaml} for the components, after the API server has mounted the token. */
    private static ObjectNode pod() {
        JsonNode sample = Manifests.documents(Manifests.text(Path.of("src/test/resources/k8s/samples.yaml"))).stream()
                .filter(document -> document.path("kind").asText().equals("Pod")
                        && document.path("metadata").path("labels").has("token-guardian.io/inject"))
                .findFirst()
                .orElseThrow();
        sample.path("spec").path("initContainers").forEach(InjectionModeTest::mountToken);
        sample.path("spec").path("containers").forEach(InjectionModeTest::mountToken);
        ((ObjectNode) sample.path("spec")).withArray("volumes").addObject().put("name", TOKEN);
        return (ObjectNode) sample;
    }

    private static void mountToken(JsonNode container) {
        ((ObjectNode) container)
                .withArray("volumeMounts")
                .addObject()
                .put("name", TOKEN)
                .put("mountPath", SERVICE_ACCOUNT)
                .put("readOnly", true);
    }

    private static ObjectNode annotated(String... namesAndValues) {
        return Manifests.annotated(pod(), namesAndValues);
    }

    private static ObjectNode labelled(String value) {
        ObjectNode pod = pod();
        pod.withObject("/metadata/labels").remove("token-guardian.io/inject");
        if (!value.isEmpty()) {
            pod.withObject("/metadata/labels").put("token-guardian.io/inject", value);
        }
        return pod;
    }

    private static JsonNode namespace(String part, String name, String value) {
        ObjectNode namespace = Admission.NAMESPACE.deepCopy();
        if (!value.isEmpty()) {
            namespace.withObject("/metadata/" + part).put(name, value);
        }
        return namespace;
    }

    private Pod admitted(JsonNode pod) {
        return (Pod) Manifests.object(admission.admit(pod));
    }

    private Container guardian(JsonNode pod) {
        return admitted(pod).getSpec().getInitContainers().get(0);
    }

    @ParameterizedTest
    @CsvSource({
        "true, '', true",
        "true, true, true",
        "true, false, true",
        "'', '', false",
        "'', true, true",
        "'', false, false",
        "'', enabled, false",
        "false, '', false",
        "false, true, false",
        "yes, '', false"
    })
    void aPodsOwnLabelHasTheLastWordAndTheNamespacesTheFirst(String pod, String namespace, boolean asks) {
        JsonNode labelled = labelled(pod);

        JsonNode admitted = admission.admit(labelled, namespace("labels", "token-guardian.io/inject", namespace));

        assertThat(!admitted.equals(labelled)).isEqualTo(asks);
        assertThat(admitted.path("metadata")
                        .path("labels")
                        .path("token-guardian.io/inject")
                        .asText())
                .isEqualTo(asks ? "true" : pod);
        assertThat(((Pod) Manifests.object(admitted)).getSpec().getInitContainers())
                .filteredOn(container -> container.getName().equals("token-guardian"))
                .hasSize(asks ? 1 : 0);
    }

    /** {@code k8s/monitoring} finds pods by this label. */
    @Test
    void aPodWithoutLabelsWhoseNamespaceAsksGetsTheLabel() {
        ObjectNode pod = pod();
        ((ObjectNode) pod.path("metadata")).remove("labels");

        JsonNode admitted = admission.admit(pod, namespace("labels", "token-guardian.io/inject", "true"));

        assertThat(((Pod) Manifests.object(admitted)).getMetadata().getLabels())
                .isEqualTo(Map.of("token-guardian.io/inject", "true"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"fast", "proxy", "vetted", "transparent", "wait-only"})
    void eachModeAddsToThePodWhatTheComponentOfThatNameDoes(String mode) {
        Pod expected = ofTheComponent(mode);

        Pod admitted = admitted(annotated("mode", mode));

        assertThat(normalized(admitted.getSpec().getInitContainers()))
                .isEqualTo(normalized(expected.getSpec().getInitContainers()));
        assertThat(normalized(admitted.getSpec().getContainers()))
                .isEqualTo(normalized(expected.getSpec().getContainers()));
        assertThat(volumes(admitted)).isEqualTo(volumes(expected));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sidecar", "fast", "proxy", "vetted", "transparent", "wait-only"})
    void noModeIsRefusedByTheValidationOrComesTwice(String mode) {
        JsonNode once = admission.admit(annotated("mode", mode));

        assertThat(admission.admit(once)).isEqualTo(once);
        assertThat(Validation.refusing(objects).messages(once, Admission.NAMESPACE))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "none", "Sidecar", "classic", "sidecar,proxy"})
    void aPodWithAModeThatIsNoneStaysAsItIsForTheValidationToRefuse(String mode) {
        JsonNode pod = annotated("mode", mode);

        assertThat(admission.admit(pod)).isEqualTo(pod);
    }

    /**
     * The API server responds with an internal error to a mutation that does not result in a valid pod, regardless of
     * failurePolicy.
     */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "memory-limit|lots",
                "memory-limit|''",
                "cpu-request|1 CPU",
                "cpu-limit|''",
                "management-port|0",
                "management-port|65536",
                "management-port|99999999999",
                "proxy-port|http",
                "http-port|08002",
                "in-cluster-port|''",
                "image|''",
                "image|a b",
                "env|GUARDIAN",
                "env|'A=1\n=2'",
                "env|A B=1"
            })
    void aPodWithAnAnnotationThatSaysNothingStaysAsItIsForTheValidationToRefuse(String name, String value) {
        JsonNode pod = annotated(name, value.replace("\\n", "\n"));

        assertThat(admission.admit(pod)).isEqualTo(pod);
        assertThat(Validation.refusing(objects).messages(pod, Admission.NAMESPACE))
                .hasSize(1);
    }

    /**
     * Here the namespace requests the guardian, not the pod's author, who could change the port. A pod that runs now
     * must not be refused when it is created again.
     */
    @ParameterizedTest
    @CsvSource({
        "9000, TCP, sidecar, false",
        "8001, '', sidecar, false",
        "8003, TCP, transparent, false",
        "8003, TCP, sidecar, true",
        "9000, UDP, sidecar, true",
        "9000, TCP, wait-only, true",
        "9001, TCP, sidecar, true"
    })
    void aPodWhoseNamespaceAsksStaysAsItIsWhereItHasOneOfThePorts(
            int port, String protocol, String mode, boolean isAdded) {
        ObjectNode pod = labelled("");
        pod.withObject("/metadata/annotations").put("token-guardian.io/mode", mode);
        ObjectNode declared = ((ObjectNode) pod.path("spec").path("containers").path(0))
                .withArray("ports")
                .addObject()
                .put("containerPort", port);
        if (!protocol.isEmpty()) {
            declared.put("protocol", protocol);
        }
        JsonNode asking = namespace("labels", "token-guardian.io/inject", "true");

        JsonNode admitted = admission.admit(pod, asking);

        assertThat(!admitted.equals(pod)).isEqualTo(isAdded);
        assertThat(Validation.refusing(objects).messages(admitted, asking)).isEmpty();
    }

    /** The API server refuses two volumes with the same name, and two mounts at the same path. */
    @ParameterizedTest
    @ValueSource(strings = {"proxy", "vetted", "transparent"})
    void aVolumeAndAMountThatThereAreAreNotAddedAgain(String mode) {
        ObjectNode pod = annotated("mode", mode);
        List.of("token-guardian-kubeconfig", "token-guardian-vetted", "token-guardian-in-cluster")
                .forEach(volume -> ((ObjectNode) pod.path("spec"))
                        .withArray("volumes")
                        .addObject()
                        .put("name", volume)
                        .putObject("emptyDir"));
        ((ObjectNode) pod.path("spec").path("containers").path(0))
                .withArray("volumeMounts")
                .addObject()
                .put("name", "token-guardian-kubeconfig")
                .put("mountPath", "/var/run/token-guardian");

        Pod admitted = admitted(pod);

        assertThat(admitted.getSpec().getVolumes()).extracting(Volume::getName).doesNotHaveDuplicates();
        assertThat(admitted.getSpec().getContainers())
                .allSatisfy(container -> assertThat(container.getVolumeMounts())
                        .extracting(VolumeMount::getMountPath)
                        .doesNotHaveDuplicates());
    }

    @Test
    void anAppWithAKubeconfigOfItsOwnKeepsIt() {
        ObjectNode pod = annotated("mode", "proxy");
        ((ObjectNode) pod.path("spec").path("containers").path(0))
                .withArray("env")
                .addObject()
                .put("name", "KUBECONFIG")
                .put("value", "/mine");

        Container app = admitted(pod).getSpec().getContainers().get(0);

        assertThat(app.getEnv()).contains(new EnvVar("KUBECONFIG", "/mine", null));
        assertThat(app.getVolumeMounts()).extracting(VolumeMount::getName).doesNotContain("token-guardian-kubeconfig");
    }

    @Test
    void thePortsOfTheAnnotationsAreThoseOfTheSettingsAndTheProbes() {
        Container guardian = guardian(
                annotated("proxy-port", "18001", "http-port", "18002", "management-port", "19000", "mode", "sidecar"));

        assertThat(guardian.getEnv())
                .extracting(EnvVar::getName, EnvVar::getValue)
                .containsExactly(
                        tuple("GUARDIAN_PROXY_PORT", "18001"),
                        tuple("QUARKUS_HTTP_PORT", "18002"),
                        tuple("QUARKUS_MANAGEMENT_PORT", "19000"));
        assertThat(guardian.getPorts()).singleElement().satisfies(port -> {
            assertThat(port.getName()).isEqualTo("token-guardian");
            assertThat(port.getContainerPort()).isEqualTo(19000);
        });
        assertThat(List.of(guardian.getStartupProbe(), guardian.getReadinessProbe(), guardian.getLivenessProbe()))
                .allSatisfy(probe -> assertThat(probe.getHttpGet().getPort()).isEqualTo(new IntOrString(19000)));
    }

    @Test
    void thePortOfTheListenerIsWhereTheAppAsks() {
        TransparentPod pod = new TransparentPod(admitted(annotated("mode", "transparent", "in-cluster-port", "18003"))
                .getSpec());

        pod.assertThatTheAppAloneAsksTheListener();
        assertThat(ContainerEnvironment.of(pod.guardian())).containsEntry("GUARDIAN_IN_CLUSTER_PORT", "18003");
    }

    @Test
    void imageAndResourcesOfTheAnnotationsTakeThePlaceOfThePolicys() {
        Container guardian = guardian(annotated(
                "image", "registry.example.com:5000/token-guardian@sha256:abc",
                "cpu-request", "0.5",
                "cpu-limit", "1",
                "memory-request", "128Mi",
                "memory-limit", "512Mi"));

        assertThat(guardian.getImage()).isEqualTo("registry.example.com:5000/token-guardian@sha256:abc");
        assertThat(guardian.getResources().getRequests())
                .isEqualTo(Map.of("cpu", new Quantity("0.5"), "memory", new Quantity("128Mi")));
        assertThat(guardian.getResources().getLimits())
                .isEqualTo(Map.of("cpu", new Quantity("1"), "memory", new Quantity("512Mi")));
    }

    @Test
    void eachLineOfEnvIsAVariableAndComesAfterTheModes() {
        Container guardian = guardian(annotated(
                "mode",
                "transparent",
                "env",
                "GUARDIAN_VETTED_TOKEN=placeholder\n\n  GUARDIAN_TOKENS_VAULT_AUDIENCES=a=b,c \n"));

        assertThat(ContainerEnvironment.of(guardian))
                .containsEntry("GUARDIAN_VETTED_TOKEN", "placeholder")
                .containsEntry("GUARDIAN_TOKENS_VAULT_AUDIENCES", "a=b,c");
    }

    /** On OpenShift, SecurityContextConstraints choose the user of a container that does not set one. */
    @ParameterizedTest
    @ValueSource(strings = {"sidecar", "fast", "proxy", "vetted", "transparent", "wait-only"})
    void inANamespaceWithAUserRangeTheGuardianNamesNoUser(String mode) {
        JsonNode openShift = namespace("annotations", "openshift.io/sa.scc.uid-range", "1000680000/10000");

        Pod admitted = (Pod) Manifests.object(admission.admit(annotated("mode", mode), openShift));

        SecurityContext expected = Sidecar.ofTheComponent().getSecurityContext();
        expected.setRunAsUser(null);
        expected.setRunAsGroup(null);
        assertThat(admitted.getSpec().getInitContainers().get(0).getSecurityContext())
                .isEqualTo(expected);
    }

    /** Kubernetes, Pod Security Standards, "restricted". */
    @ParameterizedTest
    @ValueSource(strings = {"sidecar", "fast", "proxy", "vetted", "transparent", "wait-only"})
    void theGuardianMeetsTheRestrictedProfile(String mode) {
        Pod admitted = admitted(annotated("mode", mode));

        SecurityContext context = admitted.getSpec().getInitContainers().get(0).getSecurityContext();
        assertThat(context.getRunAsNonRoot()).isTrue();
        assertThat(context.getAllowPrivilegeEscalation()).isFalse();
        assertThat(context.getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(context.getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        assertThat(admitted.getSpec().getVolumes())
                .filteredOn(volume -> volume.getName().startsWith("token-guardian"))
                .allMatch(volume -> volume.getEmptyDir() != null);
    }

    private static Pod ofTheComponent(String mode) {
        return Workload.all(Manifests.text(COMPONENTS.resolve(mode + ".yaml"))).stream()
                .filter(workload -> workload.object() instanceof Pod && workload.isLabelled())
                .map(workload -> (Pod) workload.object())
                .findFirst()
                .orElseThrow();
    }

    /** Removes what the API server mounts, sorts by name, and fills in Kubernetes' defaults. */
    private static List<Container> normalized(List<Container> containers) {
        containers.forEach(container -> {
            container.getEnv().sort((a, b) -> a.getName().compareTo(b.getName()));
            container.setVolumeMounts(container.getVolumeMounts().stream()
                    .filter(mount ->
                            !mount.getName().equals(TOKEN) && !mount.getName().equals("token-guardian-token"))
                    .sorted((a, b) -> a.getName().compareTo(b.getName()))
                    .toList());
            container
                    .getVolumeMounts()
                    .forEach(mount -> mount.setReadOnly(Objects.requireNonNullElse(mount.getReadOnly(), false)));
        });
        return containers;
    }

    private static List<Volume> volumes(Pod pod) {
        return pod.getSpec().getVolumes().stream()
                .filter(volume ->
                        !volume.getName().equals(TOKEN) && !volume.getName().equals("token-guardian-token"))
                .sorted((a, b) -> a.getName().compareTo(b.getName()))
                .toList();
    }
}
