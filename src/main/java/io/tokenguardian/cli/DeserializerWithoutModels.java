package io.tokenguardian.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.internal.KubernetesDeserializer;

/**
 * The Kubernetes client's way from a bare JSON array to a list of resources, cut off in a native executable: that names the
 * builders of the core's kinds.
 */
@SuppressWarnings({"UnusedMethod", "UnusedVariable"}) // nothing calls it by this name
@TargetClass(KubernetesDeserializer.class)
final class DeserializerWithoutModels {
    @Substitute
    private KubernetesResource fromArrayNode(JsonParser parser, JsonNode node) {
        throw new LeftOutException();
    }
}
