package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.admissionregistration.v1beta1.MutatingAdmissionPolicy;
import io.fabric8.kubernetes.api.model.admissionregistration.v1beta1.MutatingAdmissionPolicyBinding;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the admission policy makes of new pods. */
class InjectionTest {
    private static final Path FILE = Manifests.ROOT.resolve("injection/v1/policy.yaml");
    private static final String WITH_LABEL = """
            apiVersion: v1
            kind: Pod
            metadata:
              name: app
              labels:
                token-guardian.io/inject: "true"
            spec:
              containers:
                - name: app
                  image: app:latest
            """;
    private static final String INIT_CONTAINERS = """
              initContainers:
                - name: migrate
                  image: app:latest
                - name: warm-up
                  image: app:latest
            """;

    private final Admission admission =
            new Admission(policy(Manifests.text(FILE)).getSpec());

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
        JsonNode classic = document(WITH_LABEL + "    - name: token-guardian\n      image: token-guardian:latest\n");

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
                .hasSize(2)
                .extracting(HasMetadata::getApiVersion)
                .containsOnly("admissionregistration.k8s.io/" + version);
        MutatingAdmissionPolicy policy = (MutatingAdmissionPolicy) objects.get(0);
        assertThat(policy.getSpec()).isEqualTo(policy(Manifests.text(FILE)).getSpec());
        MutatingAdmissionPolicyBinding binding = (MutatingAdmissionPolicyBinding) objects.get(1);
        assertThat(binding.getSpec().getPolicyName())
                .isEqualTo(policy.getMetadata().getName());
    }

    private static MutatingAdmissionPolicy policy(String yaml) {
        return (MutatingAdmissionPolicy) Manifests.objects(yaml).get(0);
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
