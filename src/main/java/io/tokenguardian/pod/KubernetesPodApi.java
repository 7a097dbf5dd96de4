package io.tokenguardian.pod;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.Supplier;

/**
 * Calls the API server with fabric8's client, through the guardian's own proxy. A pod is a generic resource here,
 * because the typed models would add half of the API's models to a native executable.
 */
record KubernetesPodApi(Supplier<KubernetesClient> client) implements PodApi {
    private static final ResourceDefinitionContext PODS = new ResourceDefinitionContext.Builder()
            .withVersion("v1")
            .withKind("Pod")
            .withPlural("pods")
            .withNamespaced(true)
            .build();
    private static final PatchContext STRATEGIC = PatchContext.of(PatchType.STRATEGIC_MERGE);
    private static final String NO_MESSAGE = "403 without a message";
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int TIMEOUT = 408;
    private static final int TOO_MANY = 429;

    /** The uid limits the patch to this pod, because a later pod of a StatefulSet may have the same name. */
    @Override
    public WriteResult setCondition(PodIdentity pod, PodCondition condition, Instant since) {
        JsonObject written = new JsonObject()
                .put("type", PodCondition.TYPE)
                .put("status", condition.status())
                .put("reason", condition.reason())
                .put("message", condition.message())
                .put("lastTransitionTime", seconds(since));
        JsonObject patch = new JsonObject()
                .put("metadata", new JsonObject().put("uid", pod.uid()))
                .put("status", new JsonObject().put("conditions", new JsonArray().add(written)));
        return outcome(() -> {
            resource(pod).subresource("status").patch(STRATEGIC, patch.encode());
        });
    }

    /** Returns an object: given a name, the client would read it before a patch, which the role does not allow. */
    private Resource<GenericKubernetesResource> resource(PodIdentity pod) {
        GenericKubernetesResource object = new GenericKubernetesResourceBuilder()
                .withApiVersion(PODS.getVersion())
                .withKind(PODS.getKind())
                .withNewMetadata()
                .withName(pod.name())
                .withNamespace(pod.namespace())
                .endMetadata()
                .build();
        return client.get()
                .genericKubernetesResources(PODS)
                .inNamespace(pod.namespace())
                .resource(object);
    }

    private static WriteResult outcome(Runnable call) {
        try {
            call.run();
            return new WriteResult.Done();
        } catch (KubernetesClientException e) {
            return failure(e);
        }
    }

    /** A retry can help after a 401, 408, 429 or server error. Other client errors are treated as {@code Gone}. */
    private static WriteResult failure(KubernetesClientException failure) {
        int code = failure.getCode();
        if (code == FORBIDDEN) {
            String message =
                    failure.getStatus() == null ? null : failure.getStatus().getMessage();
            return new WriteResult.Denied(message == null || message.isBlank() ? NO_MESSAGE : message);
        }
        boolean mayRetry = code == UNAUTHORIZED || code == TIMEOUT || code == TOO_MANY;
        return code >= 400 && code < 500 && !mayRetry
                ? new WriteResult.Gone()
                : new WriteResult.Failed(String.valueOf(failure.getMessage()));
    }

    /** Formats a Kubernetes time without fractions of a second. */
    private static String seconds(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
