package io.tokenguardian.cli;

import io.tokenguardian.crosscheck.CrossCheck;
import io.tokenguardian.crosscheck.PodCause;
import io.tokenguardian.verdict.Finding;
import io.tokenguardian.verdict.Verdict;

/**
 * The contract's exit codes of {@code wait}, {@code check} and {@code explain}, and of {@code exec} if it starts no
 * command.
 */
final class ExitCode {
    /** The token is accepted; in commands that judge none: done. */
    static final int ACCEPTED = 0;

    static final int USAGE = 2;
    static final int NOT_YET_VALID = 3;
    static final int EXPIRED = 4;
    static final int REFUSED = 5;
    static final int UNREADABLE = 6;
    static final int UNREACHABLE = 7;

    /** {@code check --max-skew}: the token is accepted, but a replica's clock is further off than that. */
    static final int SKEWED = 8;

    /** {@code explain}: nothing that could be looked at is wrong, and not all could be. */
    static final int UNKNOWN = 9;

    private ExitCode() {}

    /** The code for the gravest finding on the tokens that replicas have issued. */
    static int of(Finding finding) {
        return switch (finding) {
            case ACCEPTED -> ACCEPTED;
            case NOT_YET_VALID -> NOT_YET_VALID;
            case EXPIRED -> EXPIRED;
            case REFUSED -> REFUSED;
            case UNREACHABLE -> UNREACHABLE;
        };
    }

    /** The code for the cause of a pod's 401. */
    static int of(PodCause cause) {
        return switch (cause) {
            case NOTHING -> ACCEPTED;
            case NOT_YET_VALID -> NOT_YET_VALID;
            case EXPIRED -> EXPIRED;
            case POD_MISSING, POD_DELETED, AUDIENCE, ACCOUNT_MISSING, ACCOUNT_RECREATED, KEY, ISSUER, REFUSED ->
                REFUSED;
            case NO_TOKEN -> UNREADABLE;
            case UNKNOWN -> UNKNOWN;
        };
    }

    /** The code for what is to blame for a missing result. */
    static int of(CrossCheck.Failure failure) {
        return switch (failure) {
            case OPTION -> USAGE;
            case KUBECONFIG -> UNREADABLE;
            case CREDENTIAL -> REFUSED;
            case SERVER -> UNREACHABLE;
        };
    }

    /** Returns the code for {@code verdict}. Without any answer yet, the API server counts as unreachable. */
    static int of(Verdict verdict) {
        if (verdict instanceof Verdict.Accepted) {
            return ACCEPTED;
        } else if (verdict instanceof Verdict.NotYetValid) {
            return NOT_YET_VALID;
        } else if (verdict instanceof Verdict.Expired) {
            return EXPIRED;
        } else if (verdict instanceof Verdict.Refused) {
            return REFUSED;
        } else if (verdict instanceof Verdict.Unreadable) {
            return UNREADABLE;
        }
        return UNREACHABLE;
    }
}
