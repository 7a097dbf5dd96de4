package io.tokenguardian.laptop;

import io.tokenguardian.apiserver.HttpsApiServer;
import io.tokenguardian.apiserver.HttpsProbeConnection;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.laptop.CrossCheck.FailedException;
import io.tokenguardian.laptop.CrossCheck.Failure;
import io.tokenguardian.laptop.CrossCheck.PodRequest;
import io.tokenguardian.laptop.PodFacts.Account;
import io.tokenguardian.laptop.PodFacts.Guardian;
import io.tokenguardian.token.TokenClaims;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Examines a pod and its service account. Changes nothing in the cluster, and reads no secret. A missing right hides
 * only the facts that depend on it. {@code toGuardian} limits the time for the guardian's health check and events.
 */
record PodLook(
        ClusterAccess access,
        Contacts contacts,
        HttpsApiServer toGuardian,
        Duration leeway,
        Duration limit,
        Timeline timeline) {
    private static final String GET_PODS = "get pods";
    private static final String LIST_EVENTS = "list events";

    PodReport at(PodRequest request) throws FailedException, InterruptedException {
        String namespace = request.namespace() == null ? access.namespace() : request.namespace();
        String path = "/api/v1/namespaces/" + namespace + "/pods/" + request.pod();
        ObjectReading reading = contacts.read(path);
        LookedUp<PodFacts> pod = lookedUp(reading, GET_PODS, namespace, PodFacts::of);
        PodFacts facts = pod.value();
        LookedUp<Guardian> guardian = facts == null || !facts.guarded()
                ? LookedUp.missing()
                : lookedUp(separately(path + ":9000/proxy/q/health/ready"), "get pods/proxy", namespace, Guardian::of);
        LookedUp<List<GuardianEvent>> events = LookedUp.missing();
        Instant made = null;
        if (facts != null) {
            ObjectReading list = separately(GuardianEvent.path(namespace, facts.uid()));
            LookedUp<Optional<Instant>> first =
                    lookedUp(list, LIST_EVENTS, namespace, each -> GuardianEvent.made(facts, each));
            made = first.value() == null ? null : first.value().orElse(null);
            events = first.value() != null && facts.guarded()
                    ? lookedUp(list, LIST_EVENTS, namespace, GuardianEvent::of)
                    : new LookedUp<>(null, first.unknownBecause());
        }
        LookedUp<Account> account = facts == null ? LookedUp.missing() : account(namespace, facts);
        AcceptanceMatrix matrix = null;
        if (!pod.isMissing() && (facts == null || !account.isMissing())) {
            contacts.measure();
            Duration lifetime = facts == null ? PodFacts.USUAL_LIFETIME : facts.lifetime();
            TokenRequest token = facts == null || facts.isStatic()
                    ? null
                    : new TokenRequest(
                            namespace,
                            facts.serviceAccount(),
                            lifetime,
                            new TokenClaims.Reference(request.pod(), facts.uid()));
            try {
                matrix = contacts.matrix(token, lifetime, leeway);
            } catch (FailedException e) {
                if (e.failure() != Failure.OPTION) {
                    throw e;
                }
                account = LookedUp.missing(); // the account or the pod: both give the same 404
            }
            if (facts != null) {
                pod = again(path, namespace, pod, facts.uid());
            }
        }
        PodFacts last = pod.value();
        if (last != null && made != null) {
            pod = LookedUp.found(last.madeAt(made));
        }
        Instant date = reading instanceof ObjectReading.Found found ? found.date() : null;
        Instant now = date == null ? timeline.onNodeClock(timeline.instant()) : date;
        PodView view = new PodView(namespace, request.pod(), pod, account, guardian, events, matrix, now);
        return new PodReport(
                view,
                matrix == null ? null : report(view, matrix),
                access.warning().orElse(null),
                contacts.isStopped() ? limit : null);
    }

    private LookedUp<Account> account(String namespace, PodFacts pod) throws FailedException {
        if (pod.isStatic()) {
            return LookedUp.unknown("a static pod has none");
        }
        String path = "/api/v1/namespaces/" + namespace + "/serviceaccounts/" + pod.serviceAccount();
        return lookedUp(contacts.read(path), "get serviceaccounts", namespace, Account::of);
    }

    /** Reads an object over a separate connection, which is closed if the response is too large or does not arrive. */
    private ObjectReading separately(String path) {
        try (HttpsProbeConnection connection = contacts.open(toGuardian)) {
            return ObjectReading.of(connection, access.bearer(), path, "");
        }
    }

    /** Reads it after its token was probed, because a deletion in the meantime would explain a refusal. */
    private LookedUp<PodFacts> again(String path, String namespace, LookedUp<PodFacts> before, String uid)
            throws FailedException {
        LookedUp<PodFacts> now = lookedUp(contacts.read(path), GET_PODS, namespace, PodFacts::of);
        PodFacts facts = now.value();
        if (facts != null && !facts.uid().equals(uid)) {
            return LookedUp.missing();
        }
        return facts == null && !now.isMissing() ? before : now;
    }

    private CrossCheckReport report(PodView view, AcceptanceMatrix matrix) {
        return CrossCheckReport.of(
                access, view.accountName(), "a token for this pod", contacts.all(), matrix, timeline.nodeClockShift());
    }

    private <T> LookedUp<T> lookedUp(
            ObjectReading reading, String right, String namespace, Function<JsonObject, T> facts) {
        if (reading instanceof ObjectReading.Found found) {
            try {
                return LookedUp.found(facts.apply(new JsonObject(found.object())));
            } catch (RuntimeException e) { // a field is missing or has another type
                return LookedUp.unknown("the response to " + right + " lacks a field of the Kubernetes API");
            }
        } else if (reading instanceof ObjectReading.Missing) {
            return LookedUp.missing();
        } else if (reading instanceof ObjectReading.Unauthorized) { // the 401 is from a backend
            return LookedUp.unknown("401 Unauthorized to " + right);
        } else if (reading instanceof ObjectReading.Unknown unknown) {
            return LookedUp.unknown(unknown.explanation());
        }
        return LookedUp.unknown(access.mayNot(right, namespace));
    }
}
