package io.tokenguardian.config;

import io.tokenguardian.token.TokenMask;
import java.util.regex.Pattern;

/** An invalid setting in one line: its name, its value and what is allowed. Possible credentials are masked. */
public final class SettingException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final Pattern USER_INFO = Pattern.compile("(?s)(?<=://).*@");

    public SettingException(String message) {
        super(masked(message));
    }

    /** Whether {@code text} may contain a token, even if the token is broken into lines. */
    static boolean holdsToken(String text) {
        return TokenMask.finds(text.replaceAll("\\s", ""));
    }

    public static String masked(String text) {
        return TokenMask.masked(USER_INFO.matcher(text).replaceAll(TokenMask.MASK + "@"));
    }
}
