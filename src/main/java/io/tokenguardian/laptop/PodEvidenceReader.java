package io.tokenguardian.laptop;

import io.tokenguardian.clock.Timeline;
import io.tokenguardian.command.ExitCode;
import io.tokenguardian.laptop.PodEvidence.Account;
import io.tokenguardian.laptop.PodEvidence.GuardianVerdict;
import io.tokenguardian.token.TokenClaims;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;

/**
 * Examines a pod and its service account. Changes nothing in the cluster, and reads no secret. A missing right hides
 * only the facts that depend on it.
 */
record PodEvidenceReader(
        ClusterAccess access, ClusterConnections connections, Duration leeway, Duration limit, Timeline timeline) {

    ExplainReport read(String namespace, String name) throws CheckFailedException {
        String path = "/api/v1/namespaces/" + namespace + "/pods/" + name;
        ApiReading<JsonObject> first = connections.read(path);
        if (first.isUnauthorized()) {
            throw connections.refusedCredential();
        }
        ApiReading<ParsedPod> pod = first.map(ParsedPod::of);
        ApiReading<Account> account = ApiReading.missing();
        ApiReading<GuardianVerdict> guardian = ApiReading.missing();
        ApiReading<EventList> events = ApiReading.missing();
        AcceptanceMatrix matrix = null;
        ParsedPod found = pod.value();
        if (found != null) {
            account = connections
                    .read("/api/v1/namespaces/" + namespace + "/serviceaccounts/" + found.serviceAccount())
                    .map(Account::of);
            // A list that is too large, and a guardian whose port is blocked, cost a connection.
            events = connections.read(EventList.path(namespace, found.uid()), 1).map(list -> EventList.of(found, list));
            if (found.guarded()) {
                guardian =
                        connections.read(path + ":9000/proxy/q/health/ready", 1).map(GuardianVerdict::of);
            }
            if (!account.isMissing()) {
                TokenClaims.Reference reference = new TokenClaims.Reference(name, found.uid());
                connections.measure();
                try {
                    matrix = connections.matrix(
                            new TokenRequest(namespace, found.serviceAccount(), found.lifetime(), reference),
                            found.lifetime(),
                            leeway);
                } catch (CheckFailedException e) {
                    if (e.exitCode() != ExitCode.USAGE) {
                        throw e;
                    }
                    account = ApiReading.missing(); // the account or the pod: both give the same 404
                }
                // A deletion in the meantime would explain a refusal.
                ApiReading<ParsedPod> later = connections.read(path).map(ParsedPod::of);
                pod = later.unknownBecause() == null ? later : pod;
            }
        } else if (!pod.isMissing()) {
            connections.measure();
            matrix = connections.matrix(null, ParsedPod.USUAL_LIFETIME, leeway);
        }
        Instant now = first.date() == null ? timeline.onNodeClock(timeline.instant()) : first.date();
        PodEvidence evidence = new PodEvidence(namespace, name, pod, account, guardian, events, matrix, now);
        CrossCheckReport acceptance = matrix == null
                ? null
                : new CrossCheckReport(
                        access,
                        evidence.accountName(),
                        "a token for this pod",
                        connections.all(),
                        matrix,
                        timeline.nodeClockShift());
        return new ExplainReport(
                evidence, acceptance, access.warning().orElse(null), connections.isStopped() ? limit : null);
    }
}
