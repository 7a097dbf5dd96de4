package io.tokenguardian.status;

import java.util.Map;

/**
 * Why clocks make a replica refuse a token: the short text, the full text, and what to do. {@link ComparedClocks} fills
 * in the names in braces:
 *
 * <pre>
 *  Replica, the replica      "The API server replica NAME", or "… at ADDRESS" without a name
 *  Replica's, replica's      "NAME's"; without a name "ADDRESS's" and "that replica's"
 *  refuses, from             what the replica does with the token, and until when
 *  off, off by               how far its clock is off: "1 min 15 s behind this node's", and only the duration
 *  node, node off by         the same for this node's clock: "… behind theirs", and only the duration
 *  base                      whose clock these are compared with: "this node's" or "the other replicas'"
 *  lead                      how far the token's stamp is ahead of that clock
 *  stamp sentence            a sentence with the lead, after a blank; empty if the lead is small
 *  issuer's                  "NAME's", for the replica that issued the token
 *  works                     a sentence, after a blank, on when the token will be accepted
 *  left                      ": in DURATION", until then; empty if it is omitted
 *  until                     the last time at which a replica accepts the token
 * </pre>
 */
enum ClockCause {
    /** The clock of the replica that refuses is behind the others. */
    REPLICA_BEHIND(
            "{Replica's} clock is {off by} behind.{works}",
            "{Replica}, whose clock is {off}, {refuses} until it is {from} on its own clock{left}.{stamp sentence}",
            "Set {replica's} clock (NTP); a new pod would wait as long, or longer."),

    /** The same, and the token will expire before that replica accepts it. */
    REPLICA_FAR_BEHIND(
            "{Replica's} clock is {off by} behind. The token expires before that replica accepts it.",
            "{Replica}, whose clock is {off}, {refuses} until it is {from} on its own clock{left}. By then the token has"
                    + " expired for the others.",
            "No token will do until {replica's} clock is set (NTP)."),

    /** The token's stamp is ahead of all known clocks. */
    ISSUER_AHEAD(
            "The token was stamped {lead} ahead of {base} clock.{works}",
            "The token was stamped by a clock {lead} ahead of {base}, further ahead than that of any API server replica"
                    + " met so far. {Replica} {refuses} until it is {from} on its own clock{left}.",
            "Delete the pod: kubelet then asks for a new token. Restarting the container does not help. The replica that"
                    + " issued this one has a wrong clock, or had one (NTP)."),

    /** The token's stamp is ahead of most clocks, and a known replica's clock is as far ahead. */
    KNOWN_ISSUER_AHEAD(
            "{issuer's} clock is {lead} ahead.{works}",
            "The token was stamped by a clock {lead} ahead of the others, as {issuer's} is. {Replica} {refuses} until it"
                    + " is {from} on its own clock{left}.",
            "Set {issuer's} clock (NTP); a new pod would wait too, if that replica issues its token."),

    /** A replica refuses the token as not yet valid, and hides its clock. */
    CLOCK_HIDDEN(
            "{Replica's} clock has not reached the token's time.{works}",
            "{Replica} {refuses} until it is {from} on its own clock{left}.",
            "Set the clocks of the API servers right (NTP). Deleting the pod makes kubelet ask for a new token;"
                    + " restarting the container does not."),

    /** A replica calls the token expired, and its clock is ahead of the others. */
    REPLICA_AHEAD(
            "{Replica's} clock is {off by} ahead. It takes the token for expired.",
            "{Replica}, whose clock is {off}, takes the token for expired: by that clock it is past {until}, the last"
                    + " moment at which it accepts the token.",
            "Set {replica's} clock (NTP)."),

    /** The same, but only that clock and the node's clock are known. */
    REPLICA_AHEAD_OR_NODE_BEHIND(
            "{Replica's} clock is {off by} ahead of this node's. It takes the token for expired.",
            REPLICA_AHEAD.sentence,
            "One of the two clocks is wrong: set it (NTP)."),

    /** All replicas agree that the token has expired, and the node's clock is behind theirs. */
    NODE_BEHIND(
            "This node's clock is {node off by} behind. The token has expired.",
            "The token has expired: by the clocks of all API server replicas met so far it is past {until}, the last"
                    + " moment at which they accept the token. This node's clock is {node}.",
            "Set this node's clock (NTP): kubelet goes by it, and so replaces the token too late."),

    /** The token has expired by this node's clock too, or the replica's clock is unknown. */
    KUBELET_LATE(
            "The token has expired.",
            "The token has expired: by the clock of {the replica} it is past {until}, the last moment at which it accepts"
                    + " the token.",
            "kubelet should have replaced the token long before: see its log on the node. Deleting the pod makes kubelet"
                    + " ask for a new token.");

    private final String headline;
    private final String sentence;
    private final String advice;

    ClockCause(String headline, String sentence, String advice) {
        this.headline = headline;
        this.sentence = sentence;
        this.advice = advice;
    }

    /** @param values by the names in braces above */
    Explanation explain(Map<String, String> values) {
        return new Explanation(filled(sentence, values), filled(advice, values));
    }

    /** The short text. */
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
