package io.tokenguardian.token;

import io.vertx.core.json.JsonObject;
import java.util.Locale;

/** Makes text safe for a terminal or a log. A token's claims, and text that quotes them, may contain any character. */
public final class PrintableText {
    private PrintableText() {}

    /** Replaces each unprintable character by a backslash, {@code u} and its hexadecimal code. */
    public static String of(String text) {
        StringBuilder printable = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (isPrintable(c)) {
                printable.appendCodePoint(c);
            } else {
                printable.append(String.format(Locale.ROOT, "\\u%04x", c));
            }
        });
        return printable.toString();
    }

    /** Returns indented JSON with the same characters escaped. JSON requires that only for characters below a blank. */
    public static String json(JsonObject object) {
        StringBuilder printable = new StringBuilder();
        object.encodePrettily().codePoints().forEach(c -> {
            if (isPrintable(c) || c == '\n' || c == '\r') { // line ends between values; in strings, they are escaped
                printable.appendCodePoint(c);
            } else {
                for (char unit : Character.toChars(c)) {
                    printable.append(String.format(Locale.ROOT, "\\u%04x", (int) unit));
                }
            }
        });
        return printable.append('\n').toString();
    }

    /** Whether {@code c} does not move the cursor, end the line or change the direction of the text. */
    public static boolean isPrintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
