package io.tokenguardian.token;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Replaces tokens in text with {@code ***}: text that has the form of a JWT, even if it is entirely in lower or upper
 * case, and any part of a JWT that includes its signature. A JWT and its payload begin with {@code eyJ}, which is
 * <code>{"</code> in base64url.
 */
public final class TokenMask {
    public static final String MASK = "***";

    /** A word that begins with {@code eyJ}. A JWT may be broken across lines. */
    private static final String WORD = "(?i:(?<![a-z0-9])eyj[\\w-]{16})";

    private static final String REST = "[\\w.\\r\\n-]*+";

    /**
     * Two consecutive parts that begin with {@code eyJ}; a {@link #WORD}; or one part that begins with {@code eyJ},
     * followed by any two parts. The first and the last can match in a run of letters only from its first {@code eyJ}
     * on, so each run is read a fixed number of times.
     */
    private static final Pattern JWT = Pattern.compile(upTo("(?i:eyj)") + "(?i:eyj[\\w-]{8,}?[._]eyj)" + REST
            + "|" + upTo(WORD + "|eyJ") + "(?:" + WORD + REST + "|eyJ[\\w-]++\\.[\\w-]++\\.[\\w.-]*+)"
            + "|" + upTo(WORD) + WORD + REST);

    /** Matches, as a group, a run of letters from its beginning up to {@code start}. */
    private static String upTo(String start) {
        return "(?<![\\w-])((?:(?!" + start + ")[\\w-])*+)";
    }

    /** May be a signature, of at least 86 characters. A key ID has only 43, a hexadecimal hash has no mixed case. */
    private static final Pattern LONG_RUN = Pattern.compile("[\\w-]{64,}+");

    private TokenMask() {}

    /** Finds a JWT even if it is broken across lines. */
    public static boolean finds(String text) {
        return JWT.matcher(text).find();
    }

    public static String masked(CharSequence text) {
        String withoutJwt = JWT.matcher(text).replaceAll("$1$2$3" + MASK);
        return LONG_RUN.matcher(withoutJwt)
                .replaceAll(run -> Matcher.quoteReplacement(isRandom(run.group()) ? MASK : run.group()));
    }

    /** Whether the text has upper-case letters, lower-case letters and digits, as every signature does. */
    private static boolean isRandom(String run) {
        return run.chars().anyMatch(Character::isUpperCase)
                && run.chars().anyMatch(Character::isLowerCase)
                && run.chars().anyMatch(Character::isDigit);
    }

    /** Any other character ends a token. */
    public static boolean isPart(int character) {
        return (character >= 'a' && character <= 'z')
                || (character >= 'A' && character <= 'Z')
                || (character >= '0' && character <= '9')
                || character == '-'
                || character == '_'
                || character == '.';
    }
}
