package io.tokenguardian.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenguardian.envtest.Api;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Assumptions;

/** The admission policies and their bindings on a real API server. A cluster has a single set of them. */
final class PolicyObjects {
    /** The lock for the tests that install the policies. */
    static final String LOCK = "the admission policies of the cluster";

    private final Api admin;
    private final List<JsonNode> objects;

    PolicyObjects(Api admin, List<JsonNode> objects) {
        this.admin = admin;
        this.objects = objects;
    }

    /** Returns the objects of {@code k8s/injection}. */
    static List<JsonNode> manifests() {
        return Manifests.documents(Kubectl.find().kustomize(Manifests.ROOT.resolve("injection")));
    }

    /** Returns the object of a kind with the name {@code token-guardian}. */
    static ObjectNode find(String kind, List<JsonNode> objects) {
        return objects.stream()
                .filter(object -> object.path("kind").asText().equals(kind)
                        && object.at("/metadata/name").asText().equals("token-guardian"))
                .map(ObjectNode.class::cast)
                .findFirst()
                .orElseThrow();
    }

    /** Creates the objects on the server. */
    PolicyObjects created() {
        objects.forEach(
                object -> admin.post(collection(object), object.toString()).succeeded());
        return this;
    }

    /** Skips the test if the server has no MutatingAdmissionPolicy. */
    static void assumeServed(Api admin) {
        int status = admin.get("/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicies")
                .status();
        Assumptions.assumeTrue(status == 200, "this version has no MutatingAdmissionPolicy");
    }

    /** Returns the collection's path for an object's kind and version. */
    static String collection(JsonNode object) {
        String kind = object.path("kind").asText().toLowerCase(Locale.ROOT);
        String plural = kind.endsWith("y") ? kind.replaceFirst("y$", "ies") : kind + "s";
        String version = object.path("apiVersion").asText();
        String namespace = object.at("/metadata/namespace").asText();
        return (version.equals("v1") ? "/api/" : "/apis/")
                + version
                + (namespace.isEmpty() ? "" : "/namespaces/" + namespace)
                + "/"
                + plural;
    }

    void remove() {
        objects.forEach(object -> admin.delete(
                collection(object) + "/" + object.path("metadata").path("name").asText()));
    }
}
