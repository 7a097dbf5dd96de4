package io.tokenguardian.laptop;

import io.tokenguardian.laptop.AcceptanceMatrix.MatrixRow;
import io.tokenguardian.laptop.ParsedPod.ProjectedToken;
import io.tokenguardian.laptop.PodEvidence.Account;
import io.tokenguardian.laptop.PodEvidence.GuardianVerdict;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.status.NamedReplica;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The reason a pod gets 401, and the fix in one sentence. */
record PodDiagnosis(PodCause cause, String sentence, String advice) {

    /** Returns the first certain cause, in the order of {@link PodCause}. */
    static PodDiagnosis of(PodEvidence evidence) {
        ParsedPod pod = evidence.pod().value();
        if (evidence.pod().isMissing()) {
            return new PodDiagnosis(
                    PodCause.POD_MISSING,
                    "There is no pod " + evidence.podName()
                            + ": the token of a pod that was deleted is refused for good.",
                    "Check the name and the namespace; a program that still sends that pod's token needs a new token.");
        }
        return deleted(evidence)
                .filter(found -> evidence.isTokenOver())
                .or(() -> Optional.ofNullable(pod).flatMap(facts -> withoutToken(evidence, facts)))
                .or(() -> Optional.ofNullable(pod).flatMap(facts -> otherAudience(evidence, facts)))
                .or(() -> account(evidence))
                .or(() -> Optional.ofNullable(evidence.matrix())
                        .flatMap(PodDiagnosis::refused)
                        .filter(found ->
                                !found.isByTime() || evidence.acceptedFrom().isEmpty())
                        // A replica whose clock is ahead refuses the token of a pod that is being deleted too early.
                        .map(found ->
                                found.isByTime() ? found : deleted(evidence).orElse(found)))
                .or(() -> Optional.ofNullable(evidence.guardian().value())
                        .flatMap(guardian -> guardian(evidence, guardian)))
                .or(() -> madeAhead(evidence))
                .or(() -> deleted(evidence))
                .orElseGet(() -> evidence.notSeen().isEmpty() ? nothing(evidence) : unknown());
    }

    private static Optional<PodDiagnosis> deleted(PodEvidence evidence) {
        return evidence.tokenEnd()
                .map(end -> !evidence.isTokenOver()
                        ? new PodDiagnosis(
                                PodCause.POD_DELETED,
                                "The pod is being deleted: its token is accepted until " + end
                                        + ", and refused from then on.",
                                "No action is needed; if the app needs longer to shut down, give the pod a longer"
                                        + " terminationGracePeriodSeconds.")
                        : new PodDiagnosis(
                                PodCause.POD_DELETED,
                                "The pod is being deleted: its token has been refused since " + end + ".",
                                "Find out why the pod still exists: a finalizer, or a node that does not respond."));
    }

    private boolean isByTime() {
        return cause == PodCause.NOT_YET_VALID || cause == PodCause.EXPIRED;
    }

    private static Optional<PodDiagnosis> withoutToken(PodEvidence evidence, ParsedPod pod) {
        boolean mayHave = pod.otherVolume() != null
                || pod.tokens().stream()
                        .anyMatch(token -> token.isAtDefaultPath()
                                || evidence.isForApiServer(token).orElse(true));
        if (mayHave) {
            return Optional.empty();
        }
        return Optional.of(
                new PodDiagnosis(
                        PodCause.NO_TOKEN,
                        "kubelet gives the pod no token for the API server: none of its volumes has one.",
                        "Set automountServiceAccountToken to true in the pod, or project a token into it, and create the pod again."));
    }

    private static Optional<PodDiagnosis> otherAudience(PodEvidence evidence, ParsedPod pod) {
        return pod.tokens().stream()
                .filter(ProjectedToken::isAtDefaultPath)
                .filter(token -> !evidence.isForApiServer(token).orElse(true))
                .findFirst()
                .map(
                        token -> new PodDiagnosis(
                                PodCause.AUDIENCE,
                                "The token at " + ParsedPod.DEFAULT_FILE + " in " + token.containers()
                                        + " is for the audience \"" + token.audience()
                                        + "\": the API server refuses it for good, because it accepts only "
                                        + String.join(", ", evidence.ownAudiences()) + ".",
                                "Leave audience out of that projection, and mount a token for another audience at another path."));
    }

    private static Optional<PodDiagnosis> account(PodEvidence evidence) {
        Account account = evidence.account().value();
        if (evidence.pod().value() != null && evidence.account().isMissing()) {
            return Optional.of(
                    new PodDiagnosis(
                            PodCause.ACCOUNT_MISSING,
                            "There is no service account " + evidence.accountName()
                                    + ": the pod's token is refused, and kubelet can't get another.",
                            "Create the service account again, and delete the pod, so that it gets a token of the new account."));
        }
        if (account == null || !evidence.hasTokenOfEarlierAccount()) {
            return Optional.empty();
        }
        return Optional.of(new PodDiagnosis(
                PodCause.ACCOUNT_RECREATED,
                "The service account " + evidence.accountName() + " was created again at " + account.created()
                        + ", after the pod: the pod's token has the uid of the earlier account, and is refused.",
                "Delete the pod, so that it gets a token of the new account; otherwise, kubelet may take until "
                        + evidence.replacedBy() + " to replace the token."));
    }

    private static Optional<PodDiagnosis> refused(AcceptanceMatrix matrix) {
        SkewSentence skew = new SkewSentence(matrix);
        return switch (matrix.worst()) {
            case ACCEPTED, UNREACHABLE -> Optional.empty();
            case NOT_YET_VALID -> Optional.of(new PodDiagnosis(PodCause.NOT_YET_VALID, skew.sentence(), skew.advice()));
            case EXPIRED -> Optional.of(new PodDiagnosis(PodCause.EXPIRED, skew.sentence(), skew.advice()));
            case REFUSED ->
                Optional.of(different(matrix)
                        .orElseGet(() -> new PodDiagnosis(PodCause.REFUSED, skew.sentence(), skew.advice())));
        };
    }

    /** Certain if the replica accepts its own token, which differs only in the key or the issuer. */
    private static Optional<PodDiagnosis> different(AcceptanceMatrix matrix) {
        for (NamedReplica judge : matrix.replicas()) {
            int column = matrix.replicas().indexOf(judge);
            Token own = matrix.rows().get(column).issued().value();
            boolean acceptsOwn = matrix.rows().get(column).cells().get(column).finding() == Finding.ACCEPTED;
            for (MatrixRow row : matrix.rows()) {
                Token token = row.issued().value();
                boolean refused = row.cells().get(column).finding() == Finding.REFUSED;
                if (own != null && token != null && acceptsOwn && refused) {
                    PodDiagnosis found = difference(row.issuer().name(), token, judge.name(), own);
                    if (found != null) {
                        return Optional.of(found);
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static @Nullable PodDiagnosis difference(String name, Token token, String judge, Token own) {
        boolean otherKey = token.keyId() != null && !token.keyId().equals(own.keyId());
        String issuer = token.claims().issuer();
        if (issuer != null && !issuer.equals(own.claims().issuer())) {
            return new PodDiagnosis(
                    PodCause.ISSUER,
                    judge + " does not trust the issuer " + issuer
                            + (otherKey ? ", or does not have the key " + token.keyId() : "")
                            + ", which is in the tokens of " + name
                            + ": it refuses them for good.",
                    "Give all replicas the same --service-account-issuer; during a change, add the old issuer as the"
                            + " second.");
        }
        boolean sameAudience =
                !Collections.disjoint(token.claims().audience(), own.claims().audience());
        if (otherKey && sameAudience) {
            return new PodDiagnosis(
                    PodCause.KEY,
                    judge + " does not have the key " + token.keyId() + ", with which " + name
                            + " signs: it refuses those tokens until it has that key.",
                    "Give all replicas each other's --service-account-key-file; add a new key everywhere before one"
                            + " replica signs with it.");
        }
        return null;
    }

    /** Returns a diagnosis if all replicas' clocks are behind the clock by which the pod was made. */
    private static Optional<PodDiagnosis> madeAhead(PodEvidence evidence) {
        return evidence.acceptedFrom().map(from -> {
            return new PodDiagnosis(
                    PodCause.NOT_YET_VALID,
                    "The pod was made while a clock was at least "
                            + SkewSentence.wholeSeconds(Duration.between(evidence.fastestClock(), evidence.made()))
                            + " ahead: every replica " + (evidence.isMadeSure() ? "" : "probably ")
                            + "refuses its token until " + from
                            + ".",
                    "Delete the pod, so that it gets a new token; kubelet does not replace a token that is not valid yet,"
                            + " and a restart of the container does not help.");
        });
    }

    /** Returns the guardian's verdict, which is about the very token that kubelet has put into the pod. */
    private static Optional<PodDiagnosis> guardian(PodEvidence evidence, GuardianVerdict guardian) {
        PodCause cause = switch (guardian.verdict()) {
            case "not-yet-valid" -> PodCause.NOT_YET_VALID;
            case "expired" -> PodCause.EXPIRED;
            case "refused" -> PodCause.REFUSED;
            case "unreadable" -> PodCause.NO_TOKEN;
            default -> null;
        };
        return Optional.ofNullable(cause)
                .map(found -> new PodDiagnosis(
                        found,
                        "The pod's guardian reports: " + guardian.explanation(),
                        "Follow the advice of check in the pod: kubectl exec -n " + evidence.namespace() + " "
                                + evidence.name() + " -c token-guardian -- /token-guardian check."));
    }

    private static PodDiagnosis nothing(PodEvidence evidence) {
        List<String> lifetimes = ExplainReport.lifetimes(evidence);
        return new PodDiagnosis(
                PodCause.NOTHING,
                evidence.guardianAccepts()
                        ? "Nothing is wrong with this pod's token: the pod's guardian reports that it is accepted."
                        : "No fault was found: a token issued for this pod now is accepted by every replica that was"
                                + " found.",
                "If its app still gets 401, check whether it reads its token only once"
                        + (lifetimes.isEmpty() ? "" : ", which works for " + String.join(" or ", lifetimes))
                        + ", and whether the 401 is a backend's, behind /proxy/ or below /apis/.");
    }

    private static PodDiagnosis unknown() {
        return new PodDiagnosis(
                PodCause.UNKNOWN,
                "The cause is not known: no fault was found, but not everything could be checked.",
                "Try again as a user with the missing rights, or search the API server's log for \"Unable to"
                        + " authenticate the request\".");
    }
}
