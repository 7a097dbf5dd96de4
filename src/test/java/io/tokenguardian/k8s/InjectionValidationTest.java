package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which pods the validation refuses, and the one-line message for each. */
class InjectionValidationTest {
    private static final String POD = """
            apiVersion: v1
            kind: Pod
            metadata:
              name: app
              labels:
                token-guardian.io/inject: "true"
              annotations:
                example.com/mode: anything
            spec:
              volumes:
                - name: kube-api-access-x2k4z
              containers:
                - name: app
                  image: app:1.0
                  ports:
                    - containerPort: 8080
            """;

    private static List<HasMetadata> objects = List.of();

    @BeforeAll
    static void render() {
        objects = Manifests.objects(Kubectl.find().kustomize(Manifests.ROOT.resolve("injection")));
    }

    private List<String> refusals(JsonNode pod) {
        return Validation.refusing(objects).messages(new Admission(objects).admit(pod), Admission.NAMESPACE);
    }

    private static ObjectNode annotated(String... namesAndValues) {
        return Manifests.annotated((ObjectNode) Manifests.documents(POD).get(0), namesAndValues);
    }

    private static JsonNode withPort(String port, String... annotation) {
        JsonNode pod =
                Manifests.documents(POD.replace("containerPort: 8080", port)).get(0);
        for (int i = 0; i < annotation.length; i += 2) {
            ((ObjectNode) pod)
                    .withObject("/metadata/annotations")
                    .put("token-guardian.io/" + annotation[i], annotation[i + 1]);
        }
        return pod;
    }

    @Test
    void aPodWithoutAnnotationsOfTheGuardianIsNotRefused() {
        assertThat(refusals(Manifests.documents(POD).get(0))).isEmpty();
        assertThat(refusals(Manifests.documents(POD.replaceFirst("(?s)  annotations:.*anything\n", ""))
                        .get(0)))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mode|prxy|token-guardian.io/mode is \"prxy\"; allowed are sidecar, fast, proxy, vetted, transparent and"
                        + " wait-only",
                "mode|''|token-guardian.io/mode is \"\"; allowed are sidecar, fast, proxy, vetted, transparent and"
                        + " wait-only",
                "http-port|0|token-guardian.io/http-port is \"0\"; a port from 1 to 65535 is allowed",
                "management-port|65536|token-guardian.io/management-port is \"65536\"; a port from 1 to 65535 is allowed",
                "proxy-port|http|token-guardian.io/proxy-port is \"http\"; a port from 1 to 65535 is allowed",
                "in-cluster-port|-1|token-guardian.io/in-cluster-port is \"-1\"; a port from 1 to 65535 is allowed",
                "memory-limit|lots|token-guardian.io/memory-limit is \"lots\"; a quantity such as 10m, 0.5, 64Mi or 1Gi is"
                        + " allowed",
                "cpu-request|1 CPU|token-guardian.io/cpu-request is \"1 CPU\"; a quantity such as 10m, 0.5, 64Mi or 1Gi is"
                        + " allowed",
                "image|a b|token-guardian.io/image is \"a b\", which is no name of an image",
                "env|A=1,B|",
                "env|1A=1|token-guardian.io/env has the line \"1A=1\"; each is NAME=value",
                "env|GUARDIAN|token-guardian.io/env has the line \"GUARDIAN\"; each is NAME=value",
                "moed|proxy|there is no annotation token-guardian.io/moed; there are mode, image, proxy-port, http-port,"
                        + " in-cluster-port, management-port, cpu-request, cpu-limit, memory-request, memory-limit and env"
            })
    void anAnnotationThatSaysNothingIsRefusedInOneLine(String name, String value, String line) {
        assertThat(refusals(annotated(name, value))).isEqualTo(line == null ? List.of() : List.of(line));
    }

    @ParameterizedTest
    @CsvSource({
        "mode, proxy",
        "http-port, 1",
        "http-port, 65535",
        "cpu-request, 10m",
        "cpu-limit, 0.5",
        "memory-request, 1Gi",
        "memory-limit, 100M",
        "image, registry.example.com:5000/a/b:0.1.0@sha256:ab",
        "env, A=",
        "env, _A=b=c d"
    })
    void whatIsAllowedIsNotRefused(String name, String value) {
        assertThat(refusals(annotated(name, value))).isEmpty();
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
            assertThat(refusals(annotated(name, value)))
                    .singleElement()
                    .asString()
                    .startsWith(beginning);
        }
    }

    /** A patch of the component can set the port this way. The policy can't see its value. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "env: [{name: QUARKUS_MANAGEMENT_PORT, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]",
                "envFrom: [{configMapRef: {name: ports}}]"
            })
    void aPortThatIsNamedElsewhereIsNotTaken(String environment) {
        JsonNode pod = Manifests.documents(POD.replace("8080", "9000") + """
              initContainers:
                - name: token-guardian
                  ports: [{containerPort: 19000}]
            """ + "      " + environment + "\n")
                .get(0);

        assertThat(refusals(pod)).isEmpty();
    }

    /** The annotation also sets the probes and the app's variables. As in the environment, case does not matter. */
    @ParameterizedTest
    @CsvSource({
        "QUARKUS_MANAGEMENT_PORT, management-port",
        "quarkus_management_port, management-port",
        "QUARKUS_HTTP_PORT, http-port",
        "GUARDIAN_PROXY_PORT, proxy-port",
        "GUARDIAN_IN_CLUSTER_PORT, in-cluster-port"
    })
    void aPortInEnvIsRefusedByTheAnnotationThatSetsIt(String setting, String annotation) {
        assertThat(refusals(annotated("env", "GUARDIAN_READINESS_ACCEPTED_BY=any\n " + setting + "=9100")))
                .containsExactly("token-guardian.io/env sets " + setting.toUpperCase(Locale.ROOT)
                        + "; set the annotation token-guardian.io/" + annotation + " instead");
    }

    @ParameterizedTest
    @CsvSource({
        "sidecar, QUARKUS_MANAGEMENT_HOST",
        "wait-only, GUARDIAN_TOKEN_PATH",
        "vetted, GUARDIAN_VETTED_DIRECTORY",
        "transparent, GUARDIAN_VETTED_DIRECTORY",
        "proxy, GUARDIAN_VETTED_KUBECONFIG",
        "proxy, GUARDIAN_PROXY_UNIX_SOCKET",
        "proxy, GUARDIAN_PROXY_ENABLED",
        "transparent, GUARDIAN_PROXY_ENABLED",
        "transparent, GUARDIAN_PROXY_HOST",
        "transparent, GUARDIAN_IN_CLUSTER_DIRECTORY"
    })
    void aSettingOfEnvThatTheModeIsMadeForIsRefused(String mode, String setting) {
        JsonNode pod = annotated("mode", mode, "env", setting + "=other");

        assertThat(refusals(pod))
                .containsExactly("token-guardian.io/env sets " + setting
                        + ", for which the sidecar's probes, its mounts or the app's variables are made; leave it out");
    }

    /** In this mode no other part of the pod depends on the setting. */
    @ParameterizedTest
    @CsvSource({
        "sidecar, GUARDIAN_PROXY_ENABLED",
        "vetted, GUARDIAN_PROXY_ENABLED",
        "sidecar, GUARDIAN_PROXY_HOST",
        "proxy, GUARDIAN_PROXY_HOST",
        "sidecar, GUARDIAN_PROXY_UNIX_SOCKET",
        "transparent, GUARDIAN_VETTED_TOKEN",
        "transparent, GUARDIAN_VETTED_MODE",
        "transparent, GUARDIAN_READINESS_ACCEPTED_BY",
        "sidecar, GUARDIAN_TOKEN_PATH_OF_ANOTHER"
    })
    void aSettingOfEnvThatTheModeIsNotMadeForIsAllowed(String mode, String setting) {
        JsonNode pod = annotated("mode", mode, "env", setting + "=other");

        assertThat(refusals(pod)).isEmpty();
    }

    @Test
    void twoPortsThatAreTheSameAreRefused() {
        assertThat(refusals(annotated("management-port", "8001")))
                .containsExactly("the guardian's ports have to differ from each other: 8001, 8002, 8001");
    }

    @ParameterizedTest
    @ValueSource(strings = {"containerPort: 9000", "{containerPort: 8001, protocol: TCP}"})
    void aPortThatTheAppHasTooIsRefused(String port) {
        String number = port.replaceAll("\\D", "");

        assertThat(refusals(withPort(port)))
                .containsExactly("the guardian listens at port " + number + ", which a container of the pod has too;"
                        + " proxy-port, http-port, in-cluster-port and management-port of token-guardian.io/ move it");
    }

    @Test
    void aPortThatIsNotTakenOrHasBeenMovedIsNotRefused() {
        assertThat(refusals(withPort("{containerPort: 9000, protocol: UDP}"))).isEmpty();
        assertThat(refusals(withPort("containerPort: 8003"))).isEmpty();
        assertThat(refusals(withPort("containerPort: 9000", "management-port", "19000")))
                .isEmpty();
        assertThat(refusals(withPort("containerPort: 9000", "mode", "wait-only")))
                .isEmpty();
    }

    @Test
    void aPodThatStaysAsItIsMayHaveThePorts() {
        JsonNode pod = withPort("containerPort: 9000");
        ((ObjectNode) pod.path("spec")).put("hostNetwork", true);

        assertThat(refusals(pod)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"yes, 1", "enabled, 1", "'', 1", "false, 0"})
    void aLabelThatIsNeitherTrueNorFalseIsRefused(String label, int refused) {
        JsonNode pod = Manifests.documents(POD.replace("inject: \"true\"", "inject: \"" + label + "\""))
                .get(0);

        assertThat(refusals(pod))
                .hasSize(refused)
                .allMatch(("the label token-guardian.io/inject is \"" + label
                        + "\"; \"true\" and \"false\" are allowed")::equals);
    }

    @Test
    void aPodThatDoesNotAskIsNotLookedAt() {
        JsonNode pod = annotated("mode", "prxy");
        ((ObjectNode) pod.path("metadata")).remove("labels");
        ObjectNode asking = Admission.NAMESPACE.deepCopy();
        asking.withObject("/metadata/labels").put("token-guardian.io/inject", "true");

        assertThat(Validation.refusing(objects).messages(pod, Admission.NAMESPACE))
                .isEmpty();
        assertThat(Validation.refusing(objects).messages(pod, asking)).hasSize(1);
    }
}
