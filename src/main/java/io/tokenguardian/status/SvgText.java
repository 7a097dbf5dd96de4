package io.tokenguardian.status;

import io.tokenguardian.token.PrintableText;
import io.tokenguardian.token.TokenMask;
import java.util.ArrayList;
import java.util.List;

/** Prepares text for an SVG picture: SVG neither wraps nor escapes text. */
final class SvgText {
    private SvgText() {}

    /** Splits into lines of at most {@code most} letters. Masks tokens first; then breaks words longer than a line. */
    static List<String> lines(String text, int most) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : TokenMask.masked(text)
                .replaceAll("(\\S{" + most + "})(?=\\S)", "$1 ")
                .split(" ", -1)) {
            if (line.length() > 0 && line.length() + 1 + word.length() > most) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        if (line.length() > 0) {
            lines.add(line.toString());
        }
        return lines;
    }

    /** Escapes for XML. A character that XML can't contain, or that is not printable, becomes {@code ?}. */
    static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        text.codePoints().forEach(c -> {
            switch (c) {
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '&' -> escaped.append("&amp;");
                case '"' -> escaped.append("&quot;");
                default -> escaped.appendCodePoint(isPrintable(c) ? c : '?');
            }
        });
        return escaped.toString();
    }

    private static boolean isPrintable(int c) {
        return PrintableText.isPrintable(c) && Character.isDefined(c) && Character.getType(c) != Character.SURROGATE;
    }
}
