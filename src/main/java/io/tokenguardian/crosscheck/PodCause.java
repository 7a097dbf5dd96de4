package io.tokenguardian.crosscheck;

/** Why a pod's requests get 401, in the order in which the causes are looked for. */
public enum PodCause {
    POD_MISSING("pod-missing"),
    POD_DELETED("pod-deleted"),
    NO_TOKEN("no-token"),
    AUDIENCE("audience"),
    ACCOUNT_MISSING("account-missing"),
    ACCOUNT_RECREATED("account-recreated"),

    /** Some replica does not have the key that signs the tokens of another replica. */
    KEY("key"),

    /** Some replica does not trust the issuer in the tokens of another replica. */
    ISSUER("issuer"),

    /** Some replica refuses a token of this pod for a reason that can't be seen from outside. */
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

    /** The word for this cause in the JSON; part of the public contract. */
    public String word() {
        return word;
    }
}
