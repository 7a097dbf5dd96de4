package io.tokenguardian.laptop;

import io.tokenguardian.laptop.AcceptanceMatrix.MatrixRow;
import io.tokenguardian.laptop.ParsedPod.ProjectedToken;
import io.tokenguardian.laptop.PodEvidence.Account;
import io.tokenguardian.laptop.PodEvidence.GuardianVerdict;
import io.tokenguardian.laptop.PrintedReport.Line;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Why a pod's requests get 401: the cause and the fix come first, then all the facts.
 *
 * @param acceptance the verdicts of the replicas; null if no token was sent to them
 * @param stopped after how long the examination was stopped; null if it was completed
 */
public record ExplainReport(
        PodEvidence evidence,
        @Nullable CrossCheckReport acceptance,
        @Nullable String warning,
        @Nullable Duration stopped)
        implements Report {
    private PodDiagnosis diagnosis() {
        return PodDiagnosis.of(evidence);
    }

    public PodCause cause() {
        return diagnosis().cause();
    }

    @Override
    public PrintedReport printed() {
        return new PrintedReport(
                cause().word(),
                diagnosis(),
                Stream.concat(lines().stream(), notSeen().stream().map(clause -> new Line("Not seen", clause)))
                        .toList(),
                acceptance == null ? List.of() : acceptance.table(),
                evidence.podName() + ", as of " + evidence.now().truncatedTo(ChronoUnit.SECONDS) + "; all times UTC");
    }

    /** Returns what could not be examined, whether or not it affects the diagnosis. */
    private List<String> notSeen() {
        List<String> clauses = new ArrayList<>(evidence.notSeen());
        if (cause() == PodCause.NOTHING) {
            clauses.add(
                    "the pod's own token, which explain does not read: if its requests get 401 all the same, a clock"
                            + " may have been ahead when it was issued; delete the pod, so that it gets a new token");
        }
        if (evidence.events().unknownBecause() != null) {
            clauses.add("the pod's events: " + evidence.events().unknownBecause());
        }
        if (stopped != null) {
            clauses.add("what the API server had not answered after " + ComparedReplicas.wholeSeconds(stopped)
                    + ", when explain stopped");
        }
        return clauses;
    }

    @Override
    public JsonObject json() {
        JsonArray findings = new JsonArray();
        lines().forEach(line ->
                findings.add(new JsonObject().put("about", line.about()).put("finding", line.finding())));
        return new JsonObject()
                .put("cause", diagnosis().cause().word())
                .put("explanation", diagnosis().sentence())
                .put("advice", diagnosis().advice())
                .put("pod", evidence.podName())
                .put("findings", findings)
                .put("notSeen", new JsonArray(notSeen()))
                .put("acceptance", acceptance == null ? null : acceptance.json());
    }

    private List<Line> lines() {
        List<Line> lines = new ArrayList<>();
        ParsedPod pod = evidence.pod().value();
        if (pod != null) {
            lines.add(new Line("Pod", pod(pod)));
            pod.tokens().forEach(token -> lines.add(new Line("Token", token(token))));
            GuardianVerdict guardian = evidence.guardian().value();
            if (guardian != null) {
                lines.add(new Line("Guardian", guardian.explanation()));
            }
            if (pod.condition() != null) {
                lines.add(new Line("Condition", pod.condition()));
            }
        }
        Account account = evidence.account().value();
        if (account != null) {
            String order = evidence.isOlderThanAccount()
                    ? ", after the pod: kubelet has replaced the pod's token by " + evidence.replacedBy()
                    : "";
            lines.add(new Line("Account", evidence.accountName() + ", created " + account.created() + order));
        }
        List<String> lifetimes = evidence.lifetimes();
        if (pod != null && !lifetimes.isEmpty()) {
            lines.add(new Line(
                    "Lifetime",
                    "a token of " + pod.lifetime().toSeconds() + " s, as kubelet requests it, is accepted for "
                            + String.join(" or ", lifetimes)));
        }
        if (acceptance != null) {
            PodDiagnosis replicas = acceptance.diagnosis();
            if (!replicas.equals(diagnosis())) {
                boolean measured = acceptance.matrix().rows().stream().allMatch(MatrixRow::isMeasured);
                String said = replicas.sentence() + " " + replicas.advice();
                lines.add(new Line("Replicas", (measured ? "" : "predicted from their clocks: ") + said.strip()));
            }
        }
        if (warning != null) {
            lines.add(new Line("Server", warning));
        }
        lines.add(new Line(
                "403",
                "if it names system:anonymous, the client sent no token: update its library; after another 403, check"
                        + " the roles: the token was accepted, but the account lacks a right"));
        return lines;
    }

    private String pod(ParsedPod pod) {
        return evidence.podName() + ", " + pod.where() + ", created " + pod.created()
                + evidence.tokenEnd()
                        .map(end -> ", being deleted: its token ends at " + end
                                + ", or at once if it is deleted again without a grace period")
                        .orElse("");
    }

    private static String token(ProjectedToken token) {
        String files = token.files().isEmpty()
                ? "mounted nowhere"
                : token.files().stream()
                        .map(file -> file.path() + " in " + file.container())
                        .collect(Collectors.joining(", "));
        String audience = token.audience() == null ? "the API server" : "the audience \"" + token.audience() + "\"";
        return files + ": for " + audience + ", requested for "
                + token.lifetime().toSeconds() + " s";
    }
}
