package io.tokenguardian.status;

import java.util.Map;

/**
 * Why clocks make a replica refuse a token: the short text, the full text, and what to do. {@link ComparedClocks}
 * replaces the names in braces:
 *
 * <pre>
 *  Replica, the replica      "The API server replica NAME", or "… at ADDRESS" without a name
 *  Replica's, replica's      "NAME's"; without a name "ADDRESS's" and "that replica's"
 *  refuses, from             what the replica does with the token, and until when
 *  from                      until when the replica refuses the token, on its own clock
 *  off, off by               how far its clock is off: "1 min 15 s behind this node's", and only the duration
 *  node, node off by         how far this node's clock is off: "… behind theirs", and only the duration
 *  base                      whose clock the others are compared with: "this node's" or "the other replicas'"
 *  lead                      how far the token's stamp is ahead of the base clock
 *  stamp sentence            a sentence with the lead, after a blank; empty if the lead is small
 *  issuer's                  "NAME's", for the replica that issued the token
 *  works                     a sentence, after a blank, about when the token will be accepted
 *  left                      ": in DURATION", until the token is accepted; empty to omit it
 *  until                     the last time at which a replica accepts the token
 * </pre>
 */
enum ClockCause {
    REPLICA_BEHIND(
            "{Replica's} clock is {off by} behind.{works}",
            "{Replica}, whose clock is {off}, refuses the token (401 Unauthorized) until it is {from} on its own"
                    + " clock{left}.{stamp sentence}",
            "Set {replica's} clock (NTP); a new pod would wait as long, or longer."),

    REPLICA_FAR_BEHIND(
            "{Replica's} clock is {off by} behind. The token expires before that replica accepts it.",
            "{Replica}, whose clock is {off}, refuses the token (401 Unauthorized) until it is {from} on its own"
                    + " clock{left}. By then the token has expired for the others.",
            "No token will do until {replica's} clock is set (NTP)."),

    ISSUER_AHEAD(
            "The token was stamped {lead} ahead of {base} clock.{works}",
            "The token was stamped by a clock {lead} ahead of {base}, further ahead than that of any known API server"
                    + " replica. {Replica} refuses the token (401 Unauthorized) until it is {from} on its own clock{left}.",
            "Delete the pod: kubelet then requests a new token. Restarting the container does not help. The clock"
                    + " of the replica that issued this token is or was wrong (NTP)."),

    KNOWN_ISSUER_AHEAD(
            "{issuer's} clock is {lead} ahead.{works}",
            "The token was stamped by a clock {lead} ahead of the others, as {issuer's} is. {Replica} refuses the token"
                    + " (401 Unauthorized) until it is {from} on its own clock{left}.",
            "Set {issuer's} clock (NTP); a new pod would wait too, if that replica issues its token."),

    /** The replica's clock is unknown. */
    CLOCK_HIDDEN(
            "{Replica's} clock has not reached the token's time.{works}",
            "{Replica} refuses the token (401 Unauthorized) until it is {from} on its own clock{left}.",
            "Correct the clocks of the API servers (NTP). Deleting the pod makes kubelet request a new token;"
                    + " restarting the container does not."),

    REPLICA_AHEAD(
            "{Replica's} clock is {off by} ahead. It treats the token as expired.",
            "{Replica}, whose clock is {off}, treats the token as expired: by that clock it is past {until}, the last"
                    + " time at which it accepts the token.",
            "Set {replica's} clock (NTP)."),

    /** No clock is known except the replica's and the node's. */
    REPLICA_AHEAD_OR_NODE_BEHIND(
            "{Replica's} clock is {off by} ahead of this node's. It treats the token as expired.",
            REPLICA_AHEAD.sentence,
            "One of the two clocks is wrong: set it (NTP)."),

    NODE_BEHIND(
            "This node's clock is {node off by} behind. The token has expired.",
            "The token has expired: by the clocks of all known API server replicas it is past {until}, the last"
                    + " time at which they accept the token. This node's clock is {node}.",
            "Set this node's clock (NTP): kubelet uses it, and so replaces the token too late."),

    /** By this node's clock too, the token has expired, or the replica's clock is unknown. */
    KUBELET_LATE(
            "The token has expired.",
            "The token has expired: by the clock of {the replica} it is past {until}, the last time at which it accepts"
                    + " the token.",
            "kubelet should have replaced the token long ago: see its log on the node. Deleting the pod makes kubelet"
                    + " request a new token."),

    /** A checkpoint, a stopped process, or the sleep of the computer. */
    EXPIRED_IN_GAP(
            "The token expired while the guardian did not run.",
            "The token expired while the guardian did not run: by the clock of {the replica} it is past {until}, the last"
                    + " time at which it accepts the token. kubelet should replace the token within two minutes.",
            "Requests wait for these two minutes. If kubelet has not replaced the token by then, see its log on the node,"
                    + " or delete the pod.");

    private final String headline;
    private final String sentence;
    private final String advice;

    ClockCause(String headline, String sentence, String advice) {
        this.headline = headline;
        this.sentence = sentence;
        this.advice = advice;
    }

    Explanation explain(Map<String, String> values) {
        return new Explanation(filled(sentence, values), filled(advice, values));
    }

    String headline(Map<String, String> values) {
        return filled(headline, values);
    }

    private static String filled(String text, Map<String, String> values) {
        String filled = text;
        for (Map.Entry<String, String> value : values.entrySet()) {
            filled = filled.replace("{" + value.getKey() + "}", value.getValue());
        }
        return filled;
    }
}
