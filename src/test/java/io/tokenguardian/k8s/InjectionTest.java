package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.admissionregistration.v1beta1.MutatingAdmissionPolicy;
import io.fabric8.kubernetes.api.model.admissionregistration.v1beta1.MutatingAdmissionPolicyBinding;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the admission policy changes new pods. */
class InjectionTest {
    private static final Path FILE = Manifests.ROOT.resolve("injection/v1/policy.yaml");

    /** A labelled pod as the policies see it, after the API server has mounted the service account's token. */
    private static final String WITH_LABEL = """
            apiVersion: v1
            kind: Pod
            metadata:
              name: app
              labels:
                token-guardian.io/inject: "true"
            spec:
              volumes:
                - name: kube-api-access-x2k4z
                  projected:
                    sources:
                      - serviceAccountToken:
                          path: token
              containers:
                - name: app
                  image: app:latest
                  volumeMounts:
                    - name: kube-api-access-x2k4z
                      mountPath: /var/run/secrets/kubernetes.io/serviceaccount
            """;

    private static final String INIT_CONTAINERS = """
              initContainers:
                - name: migrate
                  image: app:latest
                - name: warm-up
                  image: app:latest
            """;

    private final Admission admission = new Admission(
            Manifests.objects(Manifests.text(FILE) + "---\n" + Manifests.text(FILE.resolveSibling("binding.yaml"))));

    @Test
    void theSidecarOfTheComponentBecomesTheOnlyInitContainer() {
        Pod admitted = pod(admission.admit(document(WITH_LABEL)));

        assertThat(admitted.getSpec().getInitContainers()).containsExactly(Sidecar.ofTheComponent());
    }

    @Test
    void theSidecarComesBeforeTheInitContainersThatThereAre() {
        Pod admitted = pod(admission.admit(document(WITH_LABEL + INIT_CONTAINERS)));

        assertThat(names(admitted)).containsExactly("token-guardian", "migrate", "warm-up");
        assertThat(admitted.getSpec().getInitContainers().get(0)).isEqualTo(Sidecar.ofTheComponent());
    }

    @Test
    void aSecondTimeChangesNothing() {
        JsonNode alone = admission.admit(document(WITH_LABEL));
        JsonNode among = admission.admit(document(WITH_LABEL + INIT_CONTAINERS));

        assertThat(admission.admit(alone)).isEqualTo(alone);
        assertThat(admission.admit(among)).isEqualTo(among);
    }

    @Test
    void aPodThatHasTheClassicSidecarStaysAsItIs() {
        JsonNode classic = document(WITH_LABEL + "    - name: token-guardian\n      image: token-guardian:0.1.0\n");

        assertThat(admission.admit(classic)).isEqualTo(classic);
    }

    @Test
    void aPodWithoutTheLabelStaysAsItIs() {
        JsonNode without = document(WITH_LABEL.replace("token-guardian.io/inject", "app"));
        JsonNode withOthers = document((WITH_LABEL + INIT_CONTAINERS).replace("token-guardian.io/inject", "app"));

        assertThat(admission.admit(without)).isEqualTo(without);
        assertThat(admission.admit(withOthers)).isEqualTo(withOthers);
    }

    @Test
    void aPodWhoseLabelSaysFalseStaysAsItIs() {
        JsonNode refusing = document(WITH_LABEL.replace("\"true\"", "\"false\""));

        assertThat(admission.admit(refusing)).isEqualTo(refusing);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "  hostNetwork: true\n",
                "  automountServiceAccountToken: false\n",
                "  os: {name: windows}\n",
                "  nodeSelector: {kubernetes.io/os: windows}\n"
            })
    void aPodThatCouldNotStartWithItOrWouldDoHarmStaysAsItIs(String field) {
        JsonNode alone = document(WITH_LABEL + field);
        JsonNode withOthers = document(WITH_LABEL + INIT_CONTAINERS + field);

        assertThat(admission.admit(alone)).isEqualTo(alone);
        assertThat(admission.admit(withOthers)).isEqualTo(withOthers);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "  hostNetwork: false\n",
                "  automountServiceAccountToken: true\n",
                "  os: {name: linux}\n",
                "  nodeSelector: {kubernetes.io/os: linux}\n",
                "  nodeSelector: {disk: ssd}\n",
                "  volumes: [{name: data, emptyDir: {}}, {name: kube-api-access-x2k4z}]\n"
            })
    void aPodThatSaysTheUsualGetsTheSidecar(String field) {
        Pod admitted = pod(admission.admit(document(withField(field))));

        assertThat(admitted.getSpec().getInitContainers()).containsExactly(Sidecar.ofTheComponent());
    }

    /**
     * The service account has {@code automountServiceAccountToken: false}, or all containers have another mount at that
     * path.
     */
    @ParameterizedTest
    @ValueSource(strings = {"", "  volumes: []\n", "  volumes: [{name: token}, {name: my-kube-api-access-1}]\n"})
    void aPodIntoWhichTheApiServerMountedNoTokenStaysAsItIs(String volumes) {
        JsonNode without = document(withField(volumes.isEmpty() ? "  volumes: []\n" : volumes));
        if (volumes.isEmpty()) {
            ((ObjectNode) without.path("spec")).remove("volumes");
        }

        assertThat(admission.admit(without)).isEqualTo(without);
    }

    @Test
    void aPodOfAControllerWhichHasNoNameYetGetsTheSidecar() {
        Pod admitted = pod(
                admission.admit(document(WITH_LABEL.replace("name: app\n  labels", "generateName: app-\n  labels"))));

        assertThat(admitted.getMetadata().getGenerateName()).isEqualTo("app-");
        assertThat(admitted.getSpec().getInitContainers()).containsExactly(Sidecar.ofTheComponent());
    }

    /** The sum of the containers' requests must not exceed the pod's (validatePodResourceConsistency). */
    @Test
    void inAPodWithResourcesOfItsOwnTheSidecarTakesItsShareOfThose() {
        Pod admitted = pod(admission.admit(document(WITH_LABEL + "  resources: {requests: {cpu: 10m}}\n")));

        Container expected = Sidecar.ofTheComponent();
        expected.setResources(new ResourceRequirements());
        assertThat(admitted.getSpec().getInitContainers()).containsExactly(expected);
    }

    /** If the policy fails, the API server continues as if it had no policy. */
    @Test
    void aPodIsNotRefusedWhereThePolicyFails() {
        assertThat(policy(Manifests.text(FILE)).getSpec().getFailurePolicy()).isEqualTo("Ignore");
    }

    @Test
    void aListOfObjectsAsAPatchsValueIsFoundToBeAPanic() {
        String list = """
                [Object.spec.initContainers{name: "token-guardian"}].map(guardian,
                  JSONPatch{op: "add", path: "/spec/initContainers", value: [guardian]})""";
        MutatingAdmissionPolicy policy = policy(Manifests.text(FILE));
        policy.getSpec().getMutations().get(0).getJsonPatch().setExpression(list);

        Admission panicking = new Admission(policy.getSpec());

        assertThatThrownBy(() -> panicking.admit(document(WITH_LABEL))).hasMessageContaining("the API server panics");
    }

    @Test
    void aFieldThatAPodDoesNotHaveIsNoValidExpression() {
        String wrong = Manifests.text(FILE).replace("failureThreshold:", "failureTreshold:");

        Admission broken = new Admission(policy(wrong).getSpec());

        assertThatThrownBy(() -> broken.admit(document(WITH_LABEL))).hasMessageContaining("failureTreshold");
    }

    @ParameterizedTest
    @CsvSource({"injection, v1", "injection/v1, v1", "injection/v1beta1, v1beta1"})
    void eachVersionHasThePolicyAndItsBinding(String directory, String version) {
        List<HasMetadata> objects = Manifests.objects(Kubectl.find().kustomize(Manifests.ROOT.resolve(directory)));

        assertThat(objects)
                .filteredOn(object -> object.getKind().startsWith("Mutating"))
                .hasSize(3)
                .extracting(HasMetadata::getApiVersion)
                .containsOnly("admissionregistration.k8s.io/" + version);
        assertThat(objects)
                .filteredOn(object -> object.getKind().startsWith("Validating"))
                .hasSize(5)
                .extracting(HasMetadata::getApiVersion)
                .containsOnly("admissionregistration.k8s.io/v1");
        assertThat(Admission.policy(objects))
                .isEqualTo(policy(Manifests.text(FILE)).getSpec());
        assertThat(objects)
                .filteredOn(MutatingAdmissionPolicyBinding.class::isInstance)
                .allSatisfy(binding -> assertThat(((MutatingAdmissionPolicyBinding) binding)
                                .getSpec()
                                .getPolicyName())
                        .isEqualTo("token-guardian"));
    }

    private static MutatingAdmissionPolicy policy(String yaml) {
        return (MutatingAdmissionPolicy) Manifests.objects(yaml).get(0);
    }

    /** Returns the labelled pod with this field in its spec, replacing the field's value. */
    private static String withField(String field) {
        String volumes = WITH_LABEL.substring(WITH_LABEL.indexOf("  volumes:"), WITH_LABEL.indexOf("  containers:"));
        return field.startsWith("  volumes:") ? WITH_LABEL.replace(volumes, field) : WITH_LABEL + field;
    }

    private static JsonNode document(String yaml) {
        return Manifests.documents(yaml).get(0);
    }

    private static Pod pod(JsonNode document) {
        return (Pod) Manifests.object(document);
    }

    private static List<String> names(Pod pod) {
        return pod.getSpec().getInitContainers().stream()
                .map(Container::getName)
                .toList();
    }
}
