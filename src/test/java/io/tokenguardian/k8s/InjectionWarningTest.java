package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which pods the API server warns about, and the line that kubectl prints. */
class InjectionWarningTest {
    private static final String LABEL = "token-guardian.io/inject: \"true\"";
    private static final String POD = """
            apiVersion: v1
            kind: Pod
            metadata:
              name: app
              labels:
                token-guardian.io/inject: "true"
            spec:
              volumes: [{name: kube-api-access-x2k4z}]
              containers:
                - name: app
                  image: app:1.0
            """;
    private static final String TOKENLESS = POD.replace("kube-api-access-x2k4z", "data");

    private static List<HasMetadata> objects = List.of();

    @BeforeAll
    static void render() {
        objects = Manifests.objects(Kubectl.find().kustomize(Manifests.ROOT.resolve("injection")));
    }

    private static List<String> warnings(String pod) {
        JsonNode admitted =
                new Admission(objects).admit(Manifests.documents(pod).get(0));
        return Validation.warning(objects).messages(admitted, Admission.NAMESPACE);
    }

    @Test
    void aPodThatGetsTheGuardianHasNoWarning() {
        assertThat(warnings(POD)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hostNetwork: true | it has hostNetwork, and the guardian would listen on the node's loopback address",
                "os: {name: windows} | it is for Windows, and the guardian is for Linux",
                "nodeSelector: {kubernetes.io/os: windows} | it is for Windows, and the guardian is for Linux",
                "automountServiceAccountToken: false | it has automountServiceAccountToken: false, and so no token"
            })
    void aPodThatCanNotHaveTheGuardianHasOneLineThatSaysWhy(String field, String reason) {
        assertThat(warnings(POD + "  " + field + "\n"))
                .containsExactly("the pod starts without the guardian: " + reason);
    }

    @Test
    void whereNoContainerHasATokenTheServiceAccountIsNamed() {
        assertThat(warnings(TOKENLESS))
                .containsExactly("the pod starts without the guardian: its service account has"
                        + " automountServiceAccountToken: false, and so it has no token");
    }

    @Test
    void aMountInTheTokensPlaceInEachContainerIsNamed() {
        assertThat(warnings(TOKENLESS + """
                      volumeMounts:
                        - name: data
                          mountPath: /var/run/secrets/kubernetes.io/serviceaccount
                """))
                .containsExactly("the pod starts without the guardian: each container has a mount of its own at"
                        + " /var/run/secrets/kubernetes.io/serviceaccount");
    }

    /** The second policy, which would refuse these annotations, can be missing. */
    @Test
    void wrongAnnotationsAreGuessed() {
        assertThat(warnings(POD.replace("  labels:", "  annotations: {token-guardian.io/mode: prxy}\n  labels:")))
                .containsExactly("the pod starts without the guardian: the policy token-guardian has not added it; its"
                        + " annotations may be wrong");
    }

    @ParameterizedTest
    @CsvSource({"token-guardian.io/inject: \"false\"", "app: app"})
    void aPodThatDoesNotAskItselfHasNoWarning(String label) {
        assertThat(warnings(POD.replace(LABEL, label) + "  hostNetwork: true\n"))
                .isEmpty();
    }

    /** The component also adds the guardian to host-network pods. */
    @Test
    void aPodThatHasTheGuardianAlreadyHasNoWarning() {
        assertThat(warnings(
                        POD + "    - name: token-guardian\n      image: token-guardian:0.1.0\n  hostNetwork: true\n"))
                .isEmpty();
    }

    @Test
    void theOlderVersionOfThePolicyHasTheSameWarning() {
        assertThat(Manifests.documents(Kubectl.find().kustomize(Manifests.ROOT.resolve("injection/v1beta1"))))
                .filteredOn(document ->
                        document.path("metadata").path("name").asText().equals("token-guardian-warning"))
                .hasSize(2)
                .allSatisfy(document ->
                        assertThat(document.path("apiVersion").asText()).isEqualTo("admissionregistration.k8s.io/v1"));
    }
}
