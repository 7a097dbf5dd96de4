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
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Calls the API server with fabric8's client, through the guardian's own proxy. Pods and events are generic resources
 * here, because the typed models would add half of the API's models to a native executable.
 */
record KubernetesPodApi(Supplier<KubernetesClient> client) implements PodApi {
    private static final String COMPONENT = "token-guardian";
    private static final ResourceDefinitionContext PODS = resources("Pod", "pods");
    private static final ResourceDefinitionContext EVENTS = resources("Event", "events");
    private static final PatchContext STRATEGIC = PatchContext.of(PatchType.STRATEGIC_MERGE);
    private static final String NO_MESSAGE = "403 without a message";
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int TIMEOUT = 408;
    private static final int TOO_MANY = 429;
    private static final int EXISTS = 409;

    private static ResourceDefinitionContext resources(String kind, String plural) {
        return new ResourceDefinitionContext.Builder()
                .withVersion("v1")
                .withKind(kind)
                .withPlural(plural)
                .withNamespaced(true)
                .build();
    }

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
            resource(PODS, builder(PODS, pod, pod.name()).build())
                    .subresource("status")
                    .patch(STRATEGIC, patch.encode());
        });
    }

    @Override
    public WriteResult createEvent(PodIdentity pod, PodEvent event, Instant at) {
        Map<String, String> involved = Map.of(
                "apiVersion", "v1", "kind", "Pod", "namespace", pod.namespace(), "name", pod.name(), "uid", pod.uid());
        GenericKubernetesResource created = builder(EVENTS, pod, eventName(pod, event))
                .addToAdditionalProperties("involvedObject", involved)
                .addToAdditionalProperties("type", event.reason().type())
                .addToAdditionalProperties("reason", event.reason().word())
                .addToAdditionalProperties("message", event.message())
                .addToAdditionalProperties("source", Map.of("component", COMPONENT))
                .addToAdditionalProperties("firstTimestamp", seconds(at))
                .addToAdditionalProperties("lastTimestamp", seconds(at))
                .addToAdditionalProperties("count", 1)
                .build();
        return outcome(() -> {
            try {
                resource(EVENTS, created).create();
            } catch (KubernetesClientException e) {
                if (e.getCode() != EXISTS) {
                    throw e;
                }
                // An earlier attempt wrote the event, but the response was lost. No other event has this name.
            }
        });
    }

    private static GenericKubernetesResourceBuilder builder(
            ResourceDefinitionContext kind, PodIdentity pod, String name) {
        return new GenericKubernetesResourceBuilder()
                .withApiVersion(kind.getVersion())
                .withKind(kind.getKind())
                .withNewMetadata()
                .withName(name)
                .withNamespace(pod.namespace())
                .endMetadata();
    }

    /** Takes an object: given a name, the client would read it before a patch, which the roles do not allow. */
    private Resource<GenericKubernetesResource> resource(
            ResourceDefinitionContext kind, GenericKubernetesResource object) {
        return client.get()
                .genericKubernetesResources(kind)
                .inNamespace(object.getMetadata().getNamespace())
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

    /**
     * As in client-go, the name contains the pod's name and the time in nanoseconds, in hex. A hash of the reason and
     * subject follows, because several events may happen at the same time. An event that is sent again must keep its
     * name, so the time is on the local timeline: the node's clock may be adjusted between two attempts.
     */
    static String eventName(PodIdentity pod, PodEvent event) {
        Instant at = event.at();
        long nanos = at.getEpochSecond() * 1_000_000_000L + at.getNano();
        int about = (event.reason().word() + " " + event.subject()).hashCode();
        return String.format(Locale.ROOT, "%s.%x.%08x", pod.name(), nanos, about);
    }

    /** Formats a Kubernetes time without fractions of a second. */
    private static String seconds(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
