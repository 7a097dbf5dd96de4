package io.tokenguardian.status;

import io.tokenguardian.verdict.ValidityWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A time line in SVG, from the top down: a head, events, clocks. The colours follow the reader's light or dark scheme.
 * All text is real text: it can be searched and read aloud. Characters that XML can't contain, or that are not
 * printable, are shown as {@code ?}.
 */
final class SvgDrawing {
    private static final int WIDTH = 1080;
    private static final int LEFT = 500;
    private static final int RIGHT = 1050;
    private static final int EDGE = 24;
    private static final int MARGIN = 30;

    /** About how many letters fit into a line of the head. */
    private static final int LINE = 116;

    /** About how many letters fit to the left of the time line; a longer text is squeezed. */
    private static final int BESIDE = 56;

    private static final int GAP = 16;

    private static final String STYLE = """
            <style>
              svg { font: 14px system-ui, sans-serif; }
              .paper { fill: #fff; } .ink { fill: #15191f; } .soft { fill: #525c69; } .line { stroke: #c3cad3; }
              .strong { font-weight: 700; } .num { font-variant-numeric: tabular-nums; }
              .good { fill: #146c37; } .wait { fill: #8a4700; } .bad { fill: #a8141f; }
              .open { fill: #a9dcba; } .closed { fill: url(#closed); } .even { fill: #fbe3da; } \
            .odd { fill: #f3b8a6; } .bound { stroke: #a8141f; } .pin { stroke: #fff; }
              @media (prefers-color-scheme: dark) {
                .paper { fill: #181d24; } .ink { fill: #eef1f5; } .soft { fill: #a9b4c2; } .line { stroke: #465261; }
                .good { fill: #6fdd97; } .wait { fill: #ffc266; } .bad { fill: #ff9a9d; }
                .open { fill: #1f5c36; } .even { fill: #46241c; } .odd { fill: #7c3a2a; } \
            .bound { stroke: #ff9a9d; } .pin { stroke: #181d24; }
              }
            </style>
            <defs><pattern id="closed" width="12" height="12" patternUnits="userSpaceOnUse" \
            patternTransform="rotate(45)">
              <rect class="even" width="12" height="12"/><rect class="odd" width="6" height="12"/>
            </pattern></defs>
            """;

    private final TimeAxis axis;
    private final StringBuilder body = new StringBuilder();
    private String title = "";
    private String description = "";
    private int y = EDGE;

    SvgDrawing(TimeAxis axis) {
        this.axis = axis;
    }

    /** The verdict in the style class {@code tone}, and below it the explanation and the advice. */
    void head(String verdict, String tone, String sentence, String advice) {
        title = "Token Guardian: " + verdict;
        description = (sentence + " " + advice).strip();
        y += 10;
        text(EDGE, "strong " + tone, verdict);
        for (String line : lines(sentence)) {
            y += 21;
            text(EDGE, "ink strong", line);
        }
        for (String line : lines(advice)) {
            y += 20;
            text(EDGE, "soft", line);
        }
        y += 14;
    }

    void event(String name, String figures, Instant at) {
        y += 24;
        text(EDGE, "soft", name);
        text(EDGE + 190, "ink num", figures);
        double x = x(at);
        body.append(String.format(Locale.ROOT, "<path class=\"line\" d=\"M%d %d H%d\"/>%n", LEFT, y + 4, RIGHT));
        body.append(String.format(Locale.ROOT, "<path class=\"ink\" d=\"M%.1f %d l-5 -9 h10 z\"/>%n", x, y + 4));
        if (axis.endsBefore(at)) {
            body.append(String.format(Locale.ROOT, "<path class=\"ink\" d=\"M%d %d l-9 -5 v10 z\"/>%n", RIGHT + 14, y));
        } else if (axis.startsAfter(at)) {
            body.append(String.format(Locale.ROOT, "<path class=\"ink\" d=\"M%d %d l9 -5 v10 z\"/>%n", LEFT - 14, y));
        }
    }

    /** @param off whether the clock is so far off that it is highlighted */
    void clock(String name, String figures, boolean off, Instant at, Duration uncertainty, ValidityWindow window) {
        y += 30;
        beside("ink strong", name);
        y += 19;
        beside(off ? "bad strong num" : "ink num", figures);
        int top = y - 22;
        double from = window.from() == null ? LEFT : x(window.from());
        double until = window.until() == null ? RIGHT : x(window.until());
        rectangle("open", LEFT, top, RIGHT, 16);
        rectangle("closed", LEFT, top, from, 16);
        rectangle("closed", until, top, RIGHT, 16);
        if (isIn(window.from())) {
            body.append(String.format(
                    Locale.ROOT, "<path class=\"bound\" stroke-width=\"2\" d=\"M%.1f %d v24\"/>%n", from, top - 4));
        }
        rectangle("ink", xToScale(at.minus(uncertainty)), top + 6, xToScale(at.plus(uncertainty)), 4);
        body.append(String.format(
                Locale.ROOT,
                "<circle class=\"pin %s\" stroke-width=\"3\" cx=\"%.1f\" cy=\"%d\" r=\"9\"/>%n",
                window.from() != null && at.isBefore(window.from()) ? "bad" : "ink",
                x(at),
                top + 8));
    }

    /** The whole document. */
    String end(String foot) {
        y += 34;
        text(EDGE, "soft", foot + ". Hatched: 401, outside of the token's validity window; plain: accepted.");
        int height = y + EDGE;
        return String.format(
                        Locale.ROOT,
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
                                + " role=\"img\" aria-labelledby=\"t d\">%n<title id=\"t\">%s</title>%n"
                                + "<desc id=\"d\">%s</desc>%n",
                        WIDTH,
                        height,
                        WIDTH,
                        height,
                        escaped(title),
                        escaped(description))
                + STYLE
                + "<rect class=\"paper\" width=\"" + WIDTH + "\" height=\"" + height + "\" rx=\"10\"/>\n"
                + body
                + "</svg>\n";
    }

    private boolean isIn(@Nullable Instant at) {
        return at != null && !axis.startsAfter(at) && !axis.endsBefore(at);
    }

    private double x(Instant at) {
        if (axis.startsAfter(at)) {
            return LEFT;
        }
        return axis.endsBefore(at) ? RIGHT : xToScale(at);
    }

    /** Like {@link #x}, but an instant a little outside of the axis is drawn to scale in the margin. */
    private double xToScale(Instant at) {
        double x = LEFT + MARGIN + (RIGHT - LEFT - 2 * MARGIN) * axis.fraction(at);
        return Math.max(LEFT, Math.min(RIGHT, x));
    }

    private void rectangle(String style, double left, int top, double right, int height) {
        if (right > left) {
            body.append(String.format(
                    Locale.ROOT,
                    "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>%n",
                    style,
                    left,
                    top,
                    right - left,
                    height));
        }
    }

    private void text(int x, String style, String text) {
        text(x, style, "", text);
    }

    private void beside(String style, String text) {
        String squeezed = " textLength=\"" + (LEFT - EDGE - GAP) + "\" lengthAdjust=\"spacingAndGlyphs\"";
        text(EDGE, style, text.length() > BESIDE ? squeezed : "", text);
    }

    private void text(int x, String style, String attributes, String text) {
        body.append(String.format(
                Locale.ROOT,
                "<text class=\"%s\" x=\"%d\" y=\"%d\"%s>%s</text>%n",
                style,
                x,
                y,
                attributes,
                escaped(text)));
    }

    private static List<String> lines(String text) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.replaceAll("(\\S{" + LINE + "})(?=\\S)", "$1 ").split(" ", -1)) {
            if (line.length() > 0 && line.length() + 1 + word.length() > LINE) {
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

    private static String escaped(String text) {
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
        return c >= ' ' && !Character.isISOControl(c) && Character.isDefined(c) && !isSurrogateOrFormat(c);
    }

    private static boolean isSurrogateOrFormat(int c) {
        int type = Character.getType(c);
        return type == Character.SURROGATE || type == Character.FORMAT || type == Character.LINE_SEPARATOR;
    }
}
