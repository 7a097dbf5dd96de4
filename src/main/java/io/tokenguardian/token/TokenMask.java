package io.tokenguardian.token;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Replaces tokens in text by {@code ***}: what has the shape of a JWT, in lower or upper case too, and a part of a JWT
 * that has its signature. A JWT and its payload begin with {@code eyJ}: that is <code>{"</code> in base64url.
 */
public final class TokenMask {
    /** What stands in a token's place. */
    public static final String MASK = "***";

    /**
     * Either a word that begins with {@code eyJ}, or two of these parts in a row, or any three parts. A JWT may be
     * broken into lines.
     */
    private static final Pattern JWT =
            Pattern.compile("(?i:(?<![a-z0-9])eyj[\\w-]{16,}+|eyj[\\w-]{8,}?[._]eyj)[\\w.\\r\\n-]*+"
                    + "|eyJ[\\w-]++\\.[\\w-]++\\.[\\w.-]*+");

    /** The shortest signature of an API server's has 86 characters. A key ID has 43, a hash in hexadecimal no case. */
    private static final Pattern LONG_RUN = Pattern.compile("[\\w-]{64,}+");

    private TokenMask() {}

    /** Whether a JWT is in {@code text}, which may be broken into lines. */
    public static boolean finds(String text) {
        return JWT.matcher(text).find();
    }

    /** Returns the text without tokens. */
    public static String masked(String text) {
        String withoutJwt = JWT.matcher(text).replaceAll(MASK);
        return LONG_RUN.matcher(withoutJwt)
                .replaceAll(run -> Matcher.quoteReplacement(isRandom(run.group()) ? MASK : run.group()));
    }

    /** Whether it has upper-case letters, lower-case letters and digits, as in any signature. */
    private static boolean isRandom(String run) {
        return run.chars().anyMatch(Character::isUpperCase)
                && run.chars().anyMatch(Character::isLowerCase)
                && run.chars().anyMatch(Character::isDigit);
    }

    /** Whether a token may have this character in it. Other characters end the token. */
    public static boolean isPart(int character) {
        return (character >= 'a' && character <= 'z')
                || (character >= 'A' && character <= 'Z')
                || (character >= '0' && character <= '9')
                || character == '-'
                || character == '_'
                || character == '.';
    }
}
