package io.tokenguardian.command;

/** The exit codes of {@code wait}, {@code check} and {@code explain}, and of {@code exec} before its command. */
public final class ExitCode {
    /** The token is accepted. For a command that judges no token, this means success. */
    public static final int ACCEPTED = 0;

    public static final int USAGE = 2;
    public static final int NOT_YET_VALID = 3;
    public static final int EXPIRED = 4;
    public static final int REFUSED = 5;
    public static final int UNREADABLE = 6;
    public static final int UNREACHABLE = 7;

    /** {@code check --max-skew}: the token is accepted, but the clock of a replica is off by more than the limit. */
    public static final int SKEWED = 8;

    /** {@code explain}: no fault was found, but some things could not be checked. */
    public static final int UNKNOWN = 9;

    /** The lines about these codes in the help of {@code wait}, {@code exec} and {@code check}. */
    public static final String HELP = "  2  incorrect usage or an invalid setting%n"
            + "  3  not yet valid (wait, exec: and not before the timeout ends)%n"
            + "  4  expired%n"
            + "  5  refused%n"
            + "  6  token file or kubeconfig missing or not usable%n"
            + "  7  API server unreachable";

    private ExitCode() {}

    /** Returns the code for the word of a verdict or a finding. {@code pending} is the same as {@code unreachable}. */
    public static int of(String word) {
        return switch (word) {
            case "accepted" -> ACCEPTED;
            case "not-yet-valid" -> NOT_YET_VALID;
            case "expired" -> EXPIRED;
            case "refused" -> REFUSED;
            case "unreadable" -> UNREADABLE;
            default -> UNREACHABLE;
        };
    }
}
