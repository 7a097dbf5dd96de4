package io.tokenguardian.crosscheck;

/** The reason a pod gets 401. The constants are in the order in which the causes are checked. */
public enum PodCause {
    POD_MISSING("pod-missing"),
    POD_DELETED("pod-deleted"),
    NO_TOKEN("no-token"),
    AUDIENCE("audience"),
    ACCOUNT_MISSING("account-missing"),
    ACCOUNT_RECREATED("account-recreated"),

    /** A replica does not have the key that signs another replica's tokens. */
    KEY("key"),

    /** A replica does not trust the issuer that another replica's tokens name. */
    ISSUER("issuer"),

    /** A replica refuses a token of this pod for a reason that can't be seen from outside. */
    REFUSED("refused"),
    EXPIRED("expired"),
    NOT_YET_VALID("not-yet-valid"),

    /** Nothing is wrong with this pod's token. */
    NOTHING("nothing"),
    UNKNOWN("unknown");

    private final String word;

    PodCause(String word) {
        this.word = word;
    }

    /** The word for this cause in the JSON. It is part of the public contract. */
    public String word() {
        return word;
    }
}
