package io.tokenguardian.token;

import java.util.Locale;
import java.util.regex.Pattern;

/** Text that is safe for a terminal or a log. A token's claims, and text that quotes them, may hold any character. */
public final class PrintableText {
    /** Characters that move the cursor, end a line or change the text direction. */
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");

    private PrintableText() {}

    /**
     * Returns the text with each control and format character, and each line or paragraph separator, as a backslash,
     * {@code u} and its hexadecimal number.
     */
    public static String of(String text) {
        return UNPRINTABLE
                .matcher(text)
                .replaceAll(found ->
                        String.format(Locale.ROOT, "\\\\u%04x", found.group().codePointAt(0)));
    }
}
