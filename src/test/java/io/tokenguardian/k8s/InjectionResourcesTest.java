package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The resources that the admission policy gives the sidecar, depending on the pod's annotations. */
class InjectionResourcesTest {
    private static final String POD = """
            apiVersion: v1
            kind: Pod
            metadata:
              name: app
              labels:
                token-guardian.io/inject: "true"
            spec:
              volumes:
                - name: kube-api-access-x2k4z
              containers:
                - name: app
                  image: app:1.0
            """;

    private static List<HasMetadata> objects = List.of();

    @BeforeAll
    static void render() {
        objects = Manifests.objects(Kubectl.find().kustomize(Manifests.ROOT.resolve("injection")));
    }

    private static ObjectNode annotated(String... namesAndValues) {
        return Manifests.annotated((ObjectNode) Manifests.documents(POD).get(0), namesAndValues);
    }

    private ResourceRequirements resources(JsonNode pod) {
        Pod admitted = (Pod) Manifests.object(new Admission(objects).admit(pod));
        return admitted.getSpec().getInitContainers().get(0).getResources();
    }

    /** The API server refuses a resource request above its limit before it runs any validation. */
    @ParameterizedTest
    @CsvSource({
        "memory, memory-limit, 63Mi, 63Mi, 63Mi",
        "memory, memory-limit, 64Mi, 64Mi, 64Mi",
        "memory, memory-limit, 65Mi, 64Mi, 65Mi",
        "memory, memory-limit, 67108864, 64Mi, 67108864",
        "memory, memory-request, 0.25Gi, 0.25Gi, 256Mi",
        "memory, memory-request, 257Mi, 257Mi, 257Mi",
        "cpu, cpu-limit, 9m, 9m, 9m",
        "cpu, cpu-limit, 0.01, 10m, 0.01",
        "cpu, cpu-request, 2, 2, ",
    })
    void aRequestOrLimitThatThePodDoesNotNameFollowsTheOneThatItDoes(
            String resource, String annotation, String value, String request, @Nullable String limit) {
        ResourceRequirements resources = resources(annotated(annotation, value));

        assertThat(resources.getRequests()).containsEntry(resource, new Quantity(request));
        assertThat(resources.getLimits().get(resource)).isEqualTo(limit == null ? null : new Quantity(limit));
    }

    @ParameterizedTest
    @CsvSource({"memory, 129Mi, 128Mi", "cpu, 1, 999m"})
    void aPodWithARequestAboveItsLimitStaysAsItIsForTheValidationToRefuse(
            String resource, String request, String limit) {
        JsonNode pod = annotated(resource + "-request", request, resource + "-limit", limit);

        assertThat(new Admission(objects).admit(pod)).isEqualTo(pod);
        assertThat(Validation.refusing(objects).messages(pod, Admission.NAMESPACE))
                .containsExactly("token-guardian.io/" + resource + "-request is \"" + request
                        + "\", above token-guardian.io/" + resource + "-limit, which is \"" + limit
                        + "\"; a request up to the limit is allowed");
    }

    @Test
    void aRequestThatIsItsLimitIsAllowed() {
        ResourceRequirements resources = resources(annotated("memory-request", "32Mi", "memory-limit", "32Mi"));

        assertThat(resources.getRequests()).containsEntry("memory", new Quantity("32Mi"));
        assertThat(resources.getLimits()).containsEntry("memory", new Quantity("32Mi"));
    }
}
