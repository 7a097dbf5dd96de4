package io.tokenguardian.gate;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.function.Supplier;

/** The API server as fabric8's client reaches it, through the own proxy. */
final class KubernetesPodApi implements PodApi {
    private static final String COMPONENT = "token-guardian";
    private static final PatchContext STRATEGIC = PatchContext.of(PatchType.STRATEGIC_MERGE);
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int TIMEOUT = 408;
    private static final int TOO_MANY = 429;

    private final Supplier<KubernetesClient> client;

    KubernetesPodApi(Supplier<KubernetesClient> client) {
        this.client = client;
    }

    /** The uid makes it a patch of this very pod: the one of a StatefulSet may have a successor of the same name. */
    @Override
    public Outcome patch(PodIdentity pod, PodCondition condition, Instant since) {
        JsonObject written = new JsonObject()
                .put("type", PodCondition.TYPE)
                .put("status", condition.accepted() ? "True" : "False")
                .put("reason", condition.reason())
                .put("message", condition.message())
                .put("lastTransitionTime", seconds(since));
        JsonObject patch = new JsonObject()
                .put("metadata", new JsonObject().put("uid", pod.uid()))
                .put("status", new JsonObject().put("conditions", new JsonArray().add(written)));
        return outcome(() -> {
            client.get()
                    .pods()
                    .inNamespace(pod.namespace())
                    .withName(pod.name())
                    .subresource("status")
                    .patch(STRATEGIC, patch.encode());
            return pod.name();
        });
    }

    @Override
    public Outcome create(PodIdentity pod, PodEvent event, Instant at) {
        Event created = new EventBuilder()
                .withNewMetadata()
                .withName(pod.name() + "." + unique(at))
                .withNamespace(pod.namespace())
                .endMetadata()
                .withNewInvolvedObject()
                .withApiVersion("v1")
                .withKind("Pod")
                .withNamespace(pod.namespace())
                .withName(pod.name())
                .withUid(pod.uid())
                .endInvolvedObject()
                .withType(event.reason().type())
                .withReason(event.reason().word())
                .withMessage(event.message())
                .withNewSource()
                .withComponent(COMPONENT)
                .endSource()
                .withFirstTimestamp(seconds(at))
                .withLastTimestamp(seconds(at))
                .withCount(1)
                .build();
        return outcome(() -> {
            client.get()
                    .v1()
                    .events()
                    .inNamespace(pod.namespace())
                    .resource(created)
                    .create();
            return created.getMetadata().getName();
        });
    }

    @Override
    public Outcome repeat(PodIdentity pod, String name, PodEvent event, int count, Instant at) {
        JsonObject patch = new JsonObject()
                .put("count", count)
                .put("lastTimestamp", seconds(at))
                .put("message", event.message());
        return outcome(() -> {
            client.get()
                    .v1()
                    .events()
                    .inNamespace(pod.namespace())
                    .withName(name)
                    .patch(STRATEGIC, patch.encode());
            return name;
        });
    }

    private static Outcome outcome(Supplier<String> call) {
        try {
            return new Outcome.Done(call.get());
        } catch (KubernetesClientException e) {
            return failure(e.getCode(), String.valueOf(e.getMessage()));
        }
    }

    /** What the client has done wrong gets no better by being sent again: 404 and 409 are an object that is gone. */
    private static Outcome failure(int code, String reason) {
        if (code == FORBIDDEN) {
            return new Outcome.Forbidden();
        }
        boolean again = code == UNAUTHORIZED || code == TIMEOUT || code == TOO_MANY;
        return code >= 400 && code < 500 && !again ? new Outcome.Gone() : new Outcome.Failed(reason);
    }

    /** As client-go names events: nanoseconds in hex. */
    private static String unique(Instant at) {
        return String.format(Locale.ROOT, "%x", at.getEpochSecond() * 1_000_000_000L + at.getNano());
    }

    /** Kubernetes times of that kind have no fraction. */
    private static String seconds(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
