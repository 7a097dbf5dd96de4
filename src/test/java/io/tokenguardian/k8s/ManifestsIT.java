package io.tokenguardian.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenguardian.envtest.Api;
import io.tokenguardian.envtest.ControlPlane;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A real API server validates each object of the manifests, and refuses fields that it does not know. Objects of kinds
 * that this version of Kubernetes does not have are skipped. All creations are dry runs.
 */
@Tag("envtest")
@ResourceLock(PolicyObjects.LOCK)
class ManifestsIT {
    /** These kinds belong to Argo and the Prometheus Operator. */
    private static final Set<String> FOREIGN = Set.of("argoproj.io/v1alpha1", "monitoring.coreos.com/v1");

    private static final String CLUSTER_WIDE = "Namespace|Cluster.*|.*Admission.*";

    private final Api admin = ControlPlane.shared().apiServer(0).admin();

    static Stream<ObjectNode> objects() {
        Kubectl kubectl = Kubectl.find();
        Stream<String> kustomized = Stream.of("injection", "observer", "rbac/pod-condition", "wait-only", "argo")
                .map(directory -> kubectl.kustomize(Manifests.ROOT.resolve(directory)));
        Stream<String> files = Stream.of("pod.yaml", "transparent-pod.yaml", "network-policy.yaml")
                .map(file -> Manifests.text(Manifests.ROOT.resolve(file)));
        return Stream.concat(kustomized, files)
                .flatMap(yaml -> Manifests.documents(yaml).stream())
                .filter(object -> !FOREIGN.contains(object.path("apiVersion").asText()))
                .map(ObjectNode.class::cast);
    }

    @ParameterizedTest
    @MethodSource("objects")
    void theServerKnowsEachFieldOfAManifest(ObjectNode object) {
        boolean served = admin.get(PolicyObjects.collection(object)).status() == 200;
        Assumptions.assumeTrue(served, "this version does not have the kind");

        Api.Response response = create(object);

        assertThat(response.status()).as(response.body()).isEqualTo(201);
    }

    @Test
    void aFieldThatTheServerDoesNotKnowIsRefused() {
        ObjectNode pod = (ObjectNode) Manifests.documents(Manifests.text(Manifests.ROOT.resolve("pod.yaml")))
                .get(0);
        pod.withObject("/spec").put("restartPolice", "Never");

        Api.Response response = create(pod);

        assertThat(response.status()).isEqualTo(400);
        assertThat(response.body()).contains("unknown field \\\"spec.restartPolice\\\"");
    }

    /** Under another name, because other tests create some of these objects on the same server. */
    private Api.Response create(ObjectNode object) {
        String name = object.at("/metadata/name").asText();
        object.withObject("/metadata").put("name", "validated-" + name);
        if (!object.path("kind").asText().matches(CLUSTER_WIDE)) {
            object.withObject("/metadata").put("namespace", admin.namespace());
        }
        return admin.post(PolicyObjects.collection(object) + "?dryRun=All&fieldValidation=Strict", object.toString());
    }
}
