package io.tokenguardian.laptop;

import io.tokenguardian.command.ExitCode;
import io.tokenguardian.status.Explanation;
import java.util.Map;

/**
 * The table of all causes that {@code explain} and {@code check --kubeconfig} report: the published word, the exit code
 * of {@code explain}, a line about the cause, and a line about what to do. Names in braces stand for values:
 *
 * <pre>
 *  issuer, judge    the names of the replica that issued a token and of the replica that judged it
 *  skew             how far the judge's clock is off: "75 s behind"
 *  wait             for how long the judge refuses the issuer's new tokens: "their first 15 s"
 *  apart            " Their known clocks are at most DURATION apart."; empty if not two are known
 *  clocks           the clocks to set: "the clock of cp-1 and cp-2"
 *  end              until when the token of a pod that is being deleted is accepted
 *  lead             how far the clock was ahead while the pod was made, at least
 *  probably         "probably " if the clock by which the pod was made is not certain; otherwise empty
 *  works            ", which works for DURATION"; empty if the token's lifetime is unknown
 * </pre>
 */
public enum PodCause {
    POD_MISSING("pod-missing", ExitCode.REFUSED, """
            There is no pod {namespace}/{name}: the token of a pod that was deleted is refused for good.
            Check the name and the namespace; a program that still sends that pod's token needs a new token."""),

    POD_DELETED("pod-deleted", ExitCode.REFUSED, """
            The pod is being deleted: its token has been refused since {end}.
            Find out why the pod still exists: a finalizer, or a node that does not respond."""),

    /** Replicas with the right time still accept the token. */
    POD_ENDING("pod-deleted", ExitCode.REFUSED, """
            The pod is being deleted: its token is accepted until {end}, and refused from then on.
            No action is needed; if the app needs longer to shut down, give the pod a longer \
            terminationGracePeriodSeconds."""),

    NO_TOKEN("no-token", ExitCode.UNREADABLE, """
            kubelet gives the pod no token for the API server: none of its volumes has one.
            Set automountServiceAccountToken to true in the pod, or project a token into it, and create the pod \
            again."""),

    AUDIENCE("audience", ExitCode.REFUSED, """
            The token at {file} in {containers} is for the audience "{audience}": the API server refuses it for good, \
            because it accepts only {own}.
            Leave audience out of that projection, and mount a token for another audience at another path."""),

    ACCOUNT_MISSING("account-missing", ExitCode.REFUSED, """
            There is no service account {account}: the pod's token is refused, and kubelet can't get another.
            Create the service account again, and delete the pod, so that it gets a token of the new account."""),

    ACCOUNT_RECREATED("account-recreated", ExitCode.REFUSED, """
            The service account {account} was created again at {created}, after the pod: the pod's token has the uid \
            of the earlier account, and is refused.
            Delete the pod, so that it gets a token of the new account; otherwise, kubelet may take until {replaced} \
            to replace the token."""),

    /** A replica does not have the key that signs another replica's tokens. */
    KEY("key", ExitCode.REFUSED, """
            {judge} does not have the key {key}, with which {issuer} signs: it refuses those tokens until it has that \
            key.
            Give all replicas each other's --service-account-key-file; add a new key everywhere before one replica \
            signs with it."""),

    /** A replica does not trust the issuer that another replica's tokens name. */
    ISSUER("issuer", ExitCode.REFUSED, """
            {judge} does not trust the issuer {iss}, which is in the tokens of {issuer}: it refuses them for good.
            Give all replicas the same --service-account-issuer; during a change, add the old issuer as the second."""),

    /** A replica refuses a token for a reason that can't be seen from outside. */
    REFUSED("refused", ExitCode.REFUSED, """
            Pods whose token {issuer} issues get 401 from {judge}, for a reason other than time.
            Look for the cause in the log of the replica that refuses: signing keys or issuers may differ."""),

    NOT_YET_VALID("not-yet-valid", ExitCode.NOT_YET_VALID, """
            {judge}'s clock is {skew} that of {issuer}. Pods whose token {issuer} issues get 401 from {judge} for \
            {wait}.
            Set {clocks} right (NTP). Until then, let a pod wait for its token: token-guardian wait, exec, or its \
            proxy."""),

    EXPIRED("expired", ExitCode.EXPIRED, """
            {judge}'s clock is {skew} that of {issuer}. Pods whose token {issuer} issues get 401 from {judge} before \
            their token expires; with a ten-minute token, at once.
            Set {clocks} right (NTP). Until then, let a pod wait for its token: token-guardian wait, exec, or its \
            proxy."""),

    GUARDIAN_NOT_YET_VALID("not-yet-valid", ExitCode.NOT_YET_VALID, PodCause.REPORTED),
    GUARDIAN_EXPIRED("expired", ExitCode.EXPIRED, PodCause.REPORTED),
    GUARDIAN_REFUSED("refused", ExitCode.REFUSED, PodCause.REPORTED),
    GUARDIAN_UNREADABLE("no-token", ExitCode.UNREADABLE, PodCause.REPORTED),

    /** The clocks of all replicas are behind the clock by which the pod was made. */
    MADE_AHEAD("not-yet-valid", ExitCode.NOT_YET_VALID, """
            The pod was made while a clock was at least {lead} ahead: every replica {probably}refuses its token until \
            {from}.
            Delete the pod, so that it gets a new token; kubelet does not replace a token that is not valid yet, and a \
            restart of the container does not help."""),

    GUARDIAN_ACCEPTED("nothing", ExitCode.ACCEPTED, """
            Nothing is wrong with this pod's token: the pod's guardian reports that it is accepted.
            If its app still gets 401, check whether it reads its token only once{works}, and whether the 401 is a \
            backend's, behind /proxy/ or below /apis/."""),

    NOTHING("nothing", ExitCode.ACCEPTED, """
            No fault was found: a token issued for this pod now is accepted by every replica that was found.
            If its app still gets 401, check whether it reads its token only once{works}, and whether the 401 is a \
            backend's, behind /proxy/ or below /apis/."""),

    UNKNOWN("unknown", ExitCode.UNKNOWN, """
            The cause is not known: no fault was found, but not everything could be checked.
            Try again as a user with the missing rights, or search the API server's log for "Unable to authenticate \
            the request"."""),

    /** A result of {@code check --kubeconfig} only, like the next three. */
    ONE_REPLICA("nothing", ExitCode.ACCEPTED, """
            All connections reached the same API server replica, which accepts its own tokens.
            If there are more replicas, allow more --connections."""),

    ALL_ACCEPT("nothing", ExitCode.ACCEPTED, "All {replicas} replicas accept each other's tokens.{apart}"),

    CLOCK_OFF("nothing", ExitCode.ACCEPTED, """
            All {replicas} replicas accept each other's tokens.{apart}
            Set {clocks} right (NTP). Beyond {leeway}, replicas refuse tokens."""),

    UNREACHABLE("unknown", ExitCode.UNREACHABLE, """
            Whether tokens of {issuer} are accepted by {judge} is not known: {why}.
            Check again, with more --connections if only one connection reached that replica.""");

    private static final String REPORTED = """
            The pod's guardian reports: {reported}
            Follow the advice of check in the pod: kubectl exec -n {namespace} {name} -c token-guardian -- \
            /token-guardian check.""";

    private final String word;
    private final int exitCode;
    private final String lines;

    PodCause(String word, int exitCode, String lines) {
        this.word = word;
        this.exitCode = exitCode;
        this.lines = lines;
    }

    /** The word for this cause in the JSON. It is part of the public contract. */
    public String word() {
        return word;
    }

    int exitCode() {
        return exitCode;
    }

    /** The style class in a picture: {@code wait} if the cause is temporary or unknown. */
    String tone() {
        return switch (exitCode) {
            case ExitCode.ACCEPTED -> this == CLOCK_OFF ? "wait" : "good";
            case ExitCode.NOT_YET_VALID, ExitCode.UNKNOWN -> "wait";
            default -> "bad";
        };
    }

    PodDiagnosis diagnosis(Map<String, String> values) {
        Explanation filled = Explanation.of(lines, values);
        return new PodDiagnosis(this, filled.sentence(), filled.advice());
    }
}
