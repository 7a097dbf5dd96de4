package io.tokenguardian.token;

import java.util.Locale;
import java.util.regex.Pattern;

/** Text that is safe for a terminal or a log. A token's claims, and text that quotes them, may hold any character. */
public final class PrintableText {
    /** Characters that move the cursor, end a line or change the text direction. */
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");

    private PrintableText() {}

    /** Returns the text with each control, format and separator character as {@code \\uXXXX}, as in Java. */
    public static String of(String text) {
        return UNPRINTABLE
                .matcher(text)
                .replaceAll(found ->
                        String.format(Locale.ROOT, "\\\\u%04x", found.group().codePointAt(0)));
    }
}
