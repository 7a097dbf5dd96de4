package io.tokenguardian.status;

import java.util.Map;

/**
 * What the guardian reports: a line of text, and a line about what to do unless no action is needed, for each cause.
 * The first sentence of several is a headline. Names in braces stand for values:
 *
 * <pre>
 *  replica          the name of a replica, otherwise its address
 *  off              how far a clock is off: "1 min 15 s behind this node's"
 *  base             whose clock the others are compared with: "this node's" or "most replicas'"
 *  or node's        " or this node's" if no third clock shows which of two is right; otherwise empty
 *  refusal          the sentence of CLOCK_HIDDEN or EXPIRED
 *  from, until      the first and the last time at which a replica accepts the token, on the replica's clock
 *  left             ": in DURATION", until the token is accepted; empty to omit it
 *  lead             how far the token's stamp is ahead of the base clock, at least
 *  issuer           the name of the replica that issued the token
 *  other            the replica's clock from which a clock differs most: "cp-2's", otherwise as "base"
 *  beyond           by how much a clock's difference exceeds the leeway
 * </pre>
 */
enum ReportedCause {
    ACCEPTED("The API server accepts the token{of user}."),

    OFF("""
            The guardian is off (guardian.disabled): it treats the token in the file as accepted, without probing the \
            API server."""),

    OFF_PENDING("The guardian is off (guardian.disabled), and has not read the token's file yet."),

    PENDING("It is not known yet whether every API server replica accepts the token."),

    UNREADABLE("""
            {reason}
            Mount a service-account token there, or set another path in guardian.token.path."""),

    OFF_UNREADABLE("""
            The guardian is off (guardian.disabled). {reason}
            Mount a service-account token there, or set another path in guardian.token.path."""),

    UNREACHABLE("""
            {reason}
            Check guardian.api-server.url, guardian.api-server.ca and the network from this pod."""),

    REFUSED("""
            The API server replica {replica} refuses the token (401 Unauthorized), for a reason other than its \
            validity time: waiting won't help.
            """ + ReportedCause.LOG),

    /** Another replica accepts the token. */
    REFUSED_BY_SOME("""
            The API server replica {replica} refuses the token (401 Unauthorized), for a reason other than its \
            validity time.
            A replica may not know the token's signing key yet, or the pod is being deleted and that replica's clock \
            is ahead.\s""" + ReportedCause.LOG),

    REPLICA_BEHIND("""
            {replica}'s clock is {off}. {refusal}
            Set {replica}'s clock (NTP); a new pod would wait as long, or longer."""),

    REPLICA_FAR_BEHIND("""
            {replica}'s clock is {off}: the token expires before this replica accepts it. {refusal}
            No token will do until {replica}'s clock is set (NTP)."""),

    ISSUER_AHEAD("""
            The token was stamped by a clock at least {lead} ahead of {base}, further ahead than that of any known API \
            server replica. {refusal}
            Delete the pod: kubelet then requests a new token. Restarting the container does not help. The clock of \
            the replica that issued this token is or was wrong (NTP)."""),

    KNOWN_ISSUER_AHEAD("""
            The token was stamped by a clock at least {lead} ahead of {base}, as {issuer}'s is. {refusal}
            Set {issuer}'s clock (NTP); a new pod would wait too, if that replica issues its token."""),

    /** The replica's clock is unknown. */
    CLOCK_HIDDEN("""
            The API server replica {replica} refuses the token (401 Unauthorized, "service account token is not valid \
            yet") until it is {from} on its own clock{left}.
            Correct the clocks of the API servers (NTP). Deleting the pod makes kubelet request a new token; \
            restarting the container does not."""),

    REPLICA_AHEAD("""
            {replica}'s clock is {off}. {refusal}
            Set {replica}'s clock{or node's} (NTP)."""),

    NODE_BEHIND("""
            This node's clock is {off}, and the token has expired. {refusal}
            Set this node's clock (NTP): kubelet uses it, and so replaces the token too late."""),

    /** The token has expired by this node's clock too, or the replica's clock is unknown. */
    EXPIRED("""
            The API server replica {replica} treats the token as expired: by its own clock it is past {until}, the \
            last time at which it accepts the token.
            kubelet should have replaced the token, or does so within two minutes if the node was paused: see its log \
            on the node. Deleting the pod makes kubelet request a new token."""),

    /** A warning, like the next four. The clock is off by less than the leeway. */
    CLOCK_OFF("""
            {replica}'s clock is {off}. Once two replicas differ by more than {leeway}, one of them refuses the \
            other's new tokens (401 Unauthorized).
            Set {replica}'s clock{or node's} (NTP)."""),

    CLOCK_BEHIND("""
            {replica}'s clock is {off}. A token stamped by a clock like {other} gets 401 Unauthorized ("service \
            account token is not valid yet") from this API server replica for its first {beyond}.
            Set {replica}'s clock{or node's} (NTP)."""),

    CLOCK_AHEAD("""
            {replica}'s clock is {off}. A token that this API server replica issues gets 401 Unauthorized ("service \
            account token is not valid yet") from a replica with a clock like {other} for its first {beyond}.
            Set {replica}'s clock{or node's} (NTP)."""),

    NODE_CLOCK_OFF("""
            This node's clock is {off}. kubelet replaces tokens by this clock.
            Set this node's clock (NTP)."""),

    TOKEN_KEPT("""
            {reason} The guardian keeps using the token that it read before{expiry}.
            Mount a service-account token there again."""),

    /** A caller has its own token of this pod. */
    STALE_CALLER("""
            A caller (user agent {caller}) still sends the token that was issued at {issued}{replaced}{expiry}. \
            {treatment}.
            Have it read the token file again, at least once a minute, or restart it."""),

    FOREIGN_CALLER("A caller (user agent {caller}) sends a token that is not this pod's. {treatment}.");

    private static final String LOG = """
            The API server's log says why, under "Unable to authenticate the request": for example a deleted service \
            account or pod, another audience, or a key of another cluster.""";

    private final String lines;

    ReportedCause(String lines) {
        this.lines = lines;
    }

    Explanation explain(Map<String, String> values) {
        return Explanation.of(lines, values);
    }
}
