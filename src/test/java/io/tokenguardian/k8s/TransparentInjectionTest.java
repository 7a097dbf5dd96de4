package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.admissionregistration.v1beta1.MutatingAdmissionPolicySpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the admission policy of {@code k8s/injection/transparent} changes new pods. */
class TransparentInjectionTest {
    static final String PLACEHOLDER = "An app without a token, with the policy";

    private static final Path TRANSPARENT = Manifests.ROOT.resolve("injection/transparent");

    /**
     * A pod as the policies see it: the API server has mounted the token into each container that does not mount it
     * itself.
     */
    private static final String POD = """
            apiVersion: v1
            kind: Pod
            metadata:
              name: app
              labels:
                token-guardian.io/inject: "true"
            spec:
              volumes:
                - name: data
                  emptyDir: {}
                - name: kube-api-access-x2k4z
                  projected:
                    sources:
                      - serviceAccountToken:
                          path: token
              containers:
                - name: app
                  image: app:latest
                  env:
                    - name: API
                      value: https://$(KUBERNETES_SERVICE_HOST):$(KUBERNETES_SERVICE_PORT)
                  volumeMounts:
                    - name: data
                      mountPath: /data
                    - name: kube-api-access-x2k4z
                      mountPath: /var/run/secrets/kubernetes.io/serviceaccount
                      readOnly: true
                - name: log
                  image: log:latest
                  volumeMounts:
                    - name: kube-api-access-x2k4z
                      mountPath: /var/run/secrets/kubernetes.io/serviceaccount
                      readOnly: true
            """;

    private static final String INIT_CONTAINERS = """
              initContainers:
                - name: migrate
                  image: app:latest
                  volumeMounts:
                    - name: kube-api-access-x2k4z
                      mountPath: /var/run/secrets/kubernetes.io/serviceaccount
                      readOnly: true
                - name: warm-up
                  image: app:latest
                  env:
                    - name: COLOUR
                      value: green
                  volumeMounts:
                    - name: kube-api-access-x2k4z
                      mountPath: /var/run/secrets/kubernetes.io/serviceaccount
                      readOnly: true
            """;

    private static MutatingAdmissionPolicySpec policy = new MutatingAdmissionPolicySpec();

    @TempDir
    Path directory = Path.of("");

    @BeforeAll
    static void render() {
        policy = policy(Kubectl.find().kustomize(TRANSPARENT));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", INIT_CONTAINERS})
    void theSidecarIsThatOfTheComponentAndComesFirst(String initContainers) {
        Pod admitted = pod(admit(POD + initContainers));

        assertThat(admitted.getSpec().getInitContainers()).first().isEqualTo(Sidecar.ofTheTransparentComponent());
        assertThat(admitted.getSpec().getInitContainers()).hasSize(initContainers.isEmpty() ? 1 : 3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", INIT_CONTAINERS})
    void everyContainerOfTheAppGoesThroughTheListener(String initContainers) {
        TransparentPod admitted = transparent(admit(POD + initContainers));

        admitted.assertThatTheAppAloneAsksTheListener();
        admitted.assertThatTheAppFindsTheVettedFiles();
        admitted.assertThatTheGuardianAloneHasTheListenersKey();
        assertThat(admitted.app()).hasSize(initContainers.isEmpty() ? 2 : 4);
    }

    @Test
    void whatAVariableOfTheAppRefersToIsTheListenersAddress() {
        TransparentPod admitted = transparent(admit(POD));

        assertThat(ContainerEnvironment.of(admitted.app().get(0))).containsEntry("API", "https://127.0.0.1:8003");
    }

    @Test
    void theOtherMountsVariablesAndVolumesStay() {
        TransparentPod admitted = transparent(admit(POD + INIT_CONTAINERS));

        assertThat(admitted.app().get(1).getEnv()).contains(new EnvVar("COLOUR", "green", null));
        assertThat(admitted.app().get(2).getVolumeMounts())
                .extracting(VolumeMount::getName)
                .containsExactly("data", "token-guardian-vetted");
        assertThat(admitted.spec().getVolumes())
                .extracting("name")
                .containsExactly("data", "kube-api-access-x2k4z", "token-guardian-in-cluster", "token-guardian-vetted");
    }

    /** The vetted CA is wrong for the container's own address, and kubelet's CA is wrong for the listener. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "      env: [{name: KUBERNETES_SERVICE_HOST, value: localhost}]\n",
                "      env: [{name: KUBERNETES_SERVICE_PORT, value: '7445'}]\n"
            })
    void aContainerThatNamesTheApiServerItselfStaysAsItIs(String environment) {
        JsonNode pod = document(POD + "    - name: own\n      image: own:latest\n" + environment + """
                      volumeMounts:
                        - name: kube-api-access-x2k4z
                          mountPath: /var/run/secrets/kubernetes.io/serviceaccount
                """.indent(-8));

        JsonNode admitted = admit(pod);

        assertThat(admitted.at("/spec/containers/2")).isEqualTo(pod.at("/spec/containers/2"));
        assertThat(admitted.at("/spec/containers/0")).isNotEqualTo(pod.at("/spec/containers/0"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "      volumeMounts: [{name: data, mountPath: /var/run/secrets/kubernetes.io/serviceaccount}]\n",
                "      volumeMounts: [{name: kube-api-access-x2k4z, mountPath: /token}]\n"
            })
    void aContainerIntoWhichTheApiServerMountedNoTokenStaysAsItIs(String mounts) {
        JsonNode pod = document(POD + "    - name: own\n      image: own:latest\n" + mounts);

        JsonNode admitted = admit(pod);

        assertThat(admitted.at("/spec/containers/2")).isEqualTo(pod.at("/spec/containers/2"));
        assertThat(admitted.at("/spec/containers/1")).isNotEqualTo(pod.at("/spec/containers/1"));
    }

    @Test
    void aSecondTimeChangesNothing() {
        JsonNode alone = admit(POD);
        JsonNode among = admit(POD + INIT_CONTAINERS);

        assertThat(admit(alone)).isEqualTo(alone);
        assertThat(admit(among)).isEqualTo(among);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "  hostNetwork: true\n",
                "  automountServiceAccountToken: false\n",
                "  os: {name: windows}\n",
                "  nodeSelector: {kubernetes.io/os: windows}\n"
            })
    void whatThePolicyWithoutThisLeavesAloneStaysAsItIs(String field) {
        JsonNode alone = document(POD + field);
        JsonNode withOthers = document(POD + INIT_CONTAINERS + field);

        assertThat(admit(alone)).isEqualTo(alone);
        assertThat(admit(withOthers)).isEqualTo(withOthers);
    }

    /** If the first mutation fails, the server continues with the second. */
    @Test
    void withoutTheSidecarTheAppStaysAsItIs() {
        JsonNode pod = document(POD + INIT_CONTAINERS);
        MutatingAdmissionPolicySpec second = policy(Kubectl.find().kustomize(TRANSPARENT));
        second.getMutations().remove(0);

        JsonNode admitted = new Admission(second).admit(pod);

        assertThat(admitted).isEqualTo(pod);
    }

    @Test
    void whatAUserHasAddedToTheSidecarOfThePolicyStays() throws IOException {
        MutatingAdmissionPolicySpec patched = policy(Kubectl.find().kustomize(TRANSPARENT));
        patched.getMutations()
                .get(0)
                .getJsonPatch()
                .setExpression(patched.getMutations()
                        .get(0)
                        .getJsonPatch()
                        .getExpression()
                        .replace("imagePullPolicy: \"IfNotPresent\",", """
                        imagePullPolicy: "IfNotPresent",
                        env: [Object.spec.initContainers.env{name: "GUARDIAN_PROXY_PORT", value: "18001"}],
                        volumeMounts: [Object.spec.initContainers.volumeMounts{name: "data", mountPath: "/data"}],
                        """));

        Container guardian =
                transparent(new Admission(patched).admit(document(POD))).guardian();

        assertThat(ContainerEnvironment.of(guardian))
                .containsEntry("GUARDIAN_PROXY_PORT", "18001")
                .containsEntry("GUARDIAN_IN_CLUSTER_PORT", "8003");
        assertThat(guardian.getVolumeMounts())
                .extracting(VolumeMount::getName)
                .containsExactly("data", "token-guardian-in-cluster", "token-guardian-vetted");
    }

    @Test
    void theLineForAPlaceholderChangesThatOneSetting() throws IOException {
        Container expected = Sidecar.ofTheTransparentComponent();
        expected.getEnv().get(0).setValue("placeholder");

        MutatingAdmissionPolicySpec patched = policy(Kubectl.find().kustomizePage(PLACEHOLDER, directory));

        assertThat(transparent(new Admission(patched).admit(document(POD))).guardian())
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"transparent, v1", "transparent/v1, v1", "transparent/v1beta1, v1beta1"})
    void eachVersionHasThePolicyAndItsBinding(String kustomization, String version) {
        List<HasMetadata> objects =
                Manifests.objects(Kubectl.find().kustomize(Manifests.ROOT.resolve("injection/" + kustomization)));

        assertThat(objects)
                .filteredOn(object -> object.getKind().startsWith("Mutating"))
                .hasSize(3)
                .extracting(HasMetadata::getApiVersion)
                .containsOnly("admissionregistration.k8s.io/" + version);
        assertThat(Admission.policy(objects)).isEqualTo(policy);
    }

    private static JsonNode admit(String yaml) {
        return admit(document(yaml));
    }

    private static JsonNode admit(JsonNode pod) {
        return new Admission(policy).admit(pod);
    }

    private static MutatingAdmissionPolicySpec policy(String rendered) {
        return Admission.policy(Manifests.objects(rendered));
    }

    private static JsonNode document(String yaml) {
        return Manifests.documents(yaml).get(0);
    }

    private static Pod pod(JsonNode document) {
        return (Pod) Manifests.object(document);
    }

    private static TransparentPod transparent(JsonNode document) {
        return new TransparentPod(pod(document).getSpec());
    }
}
