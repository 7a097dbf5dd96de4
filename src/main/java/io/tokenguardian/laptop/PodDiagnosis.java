package io.tokenguardian.laptop;

import io.tokenguardian.laptop.ParsedPod.ProjectedToken;
import io.tokenguardian.laptop.PodEvidence.GuardianVerdict;
import io.tokenguardian.replica.Finding;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The reason a pod gets 401, and the fix in one sentence. */
record PodDiagnosis(PodCause cause, String sentence, String advice) {

    static PodDiagnosis of(AcceptanceMatrix matrix) {
        Map<String, String> values = new HashMap<>();
        return new ComparedReplicas(matrix, values).cause().diagnosis(values);
    }

    static PodDiagnosis of(PodEvidence evidence) {
        Map<String, String> values = new HashMap<>();
        values.put("namespace", evidence.namespace());
        values.put("name", evidence.name());
        values.put("account", evidence.accountName());
        values.put("end", evidence.tokenEnd().map(Instant::toString).orElse(""));
        List<String> lifetimes = evidence.lifetimes();
        values.put("works", lifetimes.isEmpty() ? "" : ", which works for " + String.join(" or ", lifetimes));
        return cause(evidence, values).diagnosis(values);
    }

    /** Returns the first certain cause, in the order of docs/reference.md. */
    private static PodCause cause(PodEvidence evidence, Map<String, String> values) {
        if (evidence.pod().isMissing()) {
            return PodCause.POD_MISSING;
        } else if (evidence.isTokenOver()) {
            return PodCause.POD_DELETED;
        }
        ParsedPod pod = evidence.pod().value();
        PodCause ofPod = pod == null ? null : ofPod(pod, evidence, values);
        PodCause ofReplicas = ofPod == null ? ofReplicas(evidence, values) : ofPod;
        PodCause reported = ofReplicas == null ? reported(evidence.guardian().value(), values) : ofReplicas;
        if (reported != null) {
            return reported;
        }
        Instant from = evidence.acceptedFrom().orElse(null);
        if (from != null) {
            Duration lead = Duration.between(evidence.fastestClock(), evidence.made());
            values.put("lead", ComparedReplicas.wholeSeconds(lead));
            values.put("probably", evidence.isMadeSure() ? "" : "probably ");
            values.put("from", from.toString());
            return PodCause.MADE_AHEAD;
        } else if (evidence.tokenEnd().isPresent()) {
            return PodCause.POD_ENDING;
        } else if (!evidence.notSeen().isEmpty()) {
            return PodCause.UNKNOWN;
        }
        return evidence.guardianAccepts() ? PodCause.GUARDIAN_ACCEPTED : PodCause.NOTHING;
    }

    private static @Nullable PodCause ofPod(ParsedPod pod, PodEvidence evidence, Map<String, String> values) {
        boolean mayHaveToken = pod.otherVolume() != null
                || pod.tokens().stream()
                        .anyMatch(token -> token.isAtDefaultPath()
                                || evidence.isForApiServer(token).orElse(true));
        if (!mayHaveToken) {
            return PodCause.NO_TOKEN;
        }
        Optional<ProjectedToken> other = pod.tokens().stream()
                .filter(ProjectedToken::isAtDefaultPath)
                .filter(token -> !evidence.isForApiServer(token).orElse(true))
                .findFirst();
        if (other.isPresent()) {
            values.put("file", ParsedPod.DEFAULT_FILE);
            values.put("containers", other.get().containers());
            values.put("audience", String.valueOf(other.get().audience()));
            values.put("own", String.join(", ", evidence.ownAudiences()));
            return PodCause.AUDIENCE;
        } else if (evidence.account().isMissing()) {
            return PodCause.ACCOUNT_MISSING;
        } else if (evidence.account().value() != null && evidence.hasTokenOfEarlierAccount()) {
            values.put("created", evidence.account().value().created().toString());
            values.put("replaced", evidence.replacedBy().toString());
            return PodCause.ACCOUNT_RECREATED;
        }
        return null;
    }

    /** A replica whose clock is ahead refuses the token of a pod that is being deleted too early. */
    private static @Nullable PodCause ofReplicas(PodEvidence evidence, Map<String, String> values) {
        AcceptanceMatrix matrix = evidence.matrix();
        if (matrix == null) {
            return null;
        }
        boolean certain = switch (matrix.worst()) {
            case ACCEPTED, UNREACHABLE -> false;
            case NOT_YET_VALID, EXPIRED -> evidence.acceptedFrom().isEmpty();
            case REFUSED -> true;
        };
        if (!certain) {
            return null;
        }
        boolean ending =
                matrix.worst() == Finding.REFUSED && evidence.tokenEnd().isPresent();
        return ending ? PodCause.POD_ENDING : new ComparedReplicas(matrix, values).cause();
    }

    /** The guardian's verdict is about the very token that kubelet has put into the pod. */
    private static @Nullable PodCause reported(@Nullable GuardianVerdict guardian, Map<String, String> values) {
        if (guardian == null) {
            return null;
        }
        values.put("reported", guardian.explanation());
        return switch (guardian.verdict()) {
            case "not-yet-valid" -> PodCause.GUARDIAN_NOT_YET_VALID;
            case "expired" -> PodCause.GUARDIAN_EXPIRED;
            case "refused" -> PodCause.GUARDIAN_REFUSED;
            case "unreadable" -> PodCause.GUARDIAN_UNREADABLE;
            default -> null;
        };
    }
}
