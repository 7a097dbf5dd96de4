package io.tokenguardian.laptop;

import io.tokenguardian.command.ExitCode;

/** The reason a pod gets 401. The constants are in the order in which the causes are checked. */
public enum PodCause {
    POD_MISSING("pod-missing", ExitCode.REFUSED),
    POD_DELETED("pod-deleted", ExitCode.REFUSED),
    NO_TOKEN("no-token", ExitCode.UNREADABLE),
    AUDIENCE("audience", ExitCode.REFUSED),
    ACCOUNT_MISSING("account-missing", ExitCode.REFUSED),
    ACCOUNT_RECREATED("account-recreated", ExitCode.REFUSED),

    /** A replica does not have the key that signs another replica's tokens. */
    KEY("key", ExitCode.REFUSED),

    /** A replica does not trust the issuer that another replica's tokens name. */
    ISSUER("issuer", ExitCode.REFUSED),

    /** A replica refuses a token of this pod for a reason that can't be seen from outside. */
    REFUSED("refused", ExitCode.REFUSED),
    EXPIRED("expired", ExitCode.EXPIRED),
    NOT_YET_VALID("not-yet-valid", ExitCode.NOT_YET_VALID),

    /** Nothing is wrong with this pod's token. */
    NOTHING("nothing", ExitCode.ACCEPTED),
    UNKNOWN("unknown", ExitCode.UNKNOWN);

    private final String word;
    private final int exitCode;

    PodCause(String word, int exitCode) {
        this.word = word;
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }

    /** The word for this cause in the JSON. It is part of the public contract. */
    public String word() {
        return word;
    }
}
