package io.tokenguardian.status;

import io.tokenguardian.verdict.ValidityWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A time line in SVG, from the top down: a head, clocks, an axis, events. The colours follow the reader's light or dark
 * scheme. All text is real text: it can be searched and read aloud.
 */
final class SvgDrawing {
    private static final int WIDTH = 1080;
    private static final int LEFT = 310;
    private static final int RIGHT = 770;
    private static final int FIGURES = 790;
    private static final int EDGE = 24;
    private static final int MARGIN = 20;

    /** About how many letters fit into a line of the head, and of its first line, which is larger. */
    private static final int LINE = 130;

    private static final int HEADLINE = 80;

    /** About how many letters fit to the left of the time line; a longer text is squeezed. */
    private static final int BESIDE = 34;

    /** The same of the figures, to its right. */
    private static final int FIGURE = 34;

    private static final int GAP = 16;

    /** How high a clock's row is. */
    private static final int ROW = 42;

    /** About how wide a letter is. */
    private static final double LETTER = 7.4;

    private static final String STYLE = """
            <style>
              svg { font: 14px system-ui, sans-serif; }
              .paper { fill: #fff; } .ink { fill: #15191f; } .soft { fill: #525c69; } .line { stroke: #525c69; }
              .strong { font-weight: 700; } .num { font-variant-numeric: tabular-nums; } .large { font-size: 21px; }
              .small { font-size: 12px; } .middle { text-anchor: middle; }
              .good { fill: #146c37; } .wait { fill: #8a4700; } .bad { fill: #a8141f; }
              .open { fill: #a9dcba; } .early { fill: url(#early); } .over { fill: url(#over); }
              .early1 { fill: #fdebcf; } .early2 { fill: #e9ad5c; } .over1 { fill: #dfe3e8; } .over2 { fill: #aeb6c1; }
              .bound { stroke: #15191f; } .pin { stroke: #fff; } .letter { fill: #fff; font-size: 11px; }
              @media (prefers-color-scheme: dark) {
                .paper { fill: #181d24; } .ink { fill: #eef1f5; } .soft { fill: #a9b4c2; } .line { stroke: #a9b4c2; }
                .good { fill: #6fdd97; } .wait { fill: #ffc266; } .bad { fill: #ff9a9d; }
                .open { fill: #1f5c36; } .early1 { fill: #42300f; } .early2 { fill: #7d5413; }
                .over1 { fill: #313842; } .over2 { fill: #565f6b; }
                .bound { stroke: #eef1f5; } .pin { stroke: #181d24; } .letter { fill: #181d24; }
              }
            </style>
            <defs><pattern id="early" width="12" height="12" patternUnits="userSpaceOnUse" \
            patternTransform="rotate(45)">
              <rect class="early1" width="12" height="12"/><rect class="early2" width="6" height="12"/>
            </pattern><pattern id="over" width="6" height="6" patternUnits="userSpaceOnUse" \
            patternTransform="rotate(-45)">
              <rect class="over1" width="6" height="6"/><rect class="over2" width="3" height="6"/>
            </pattern></defs>
            """;

    /** A moment in the token's life, and the letter that stands for it on the axis. */
    record Event(String letter, String name, Instant at) {}

    private final TimeAxis axis;
    private final StringBuilder body = new StringBuilder();
    private String title = "";
    private String description = "";
    private int y = EDGE;

    SvgDrawing(TimeAxis axis) {
        this.axis = axis;
    }

    /**
     * The verdict in the style class {@code tone}, below it the headline, and then in smaller letters what is added.
     *
     * @param more sentences, each from a new line; an empty one is left out
     */
    void head(String verdict, String tone, String headline, List<String> more) {
        title = "Token Guardian: " + verdict;
        description = (headline + " " + String.join(" ", more)).strip();
        y += 10;
        text(EDGE, "strong " + tone, verdict);
        y += 5;
        for (String line : SvgText.lines(headline, HEADLINE)) {
            y += 27;
            text(EDGE, "ink strong large", line);
        }
        y += 5;
        for (String sentence : more) {
            for (String line : SvgText.lines(sentence, LINE)) {
                y += 20;
                text(EDGE, "ink", line);
            }
        }
        y += 12;
    }

    /**
     * @param detail what is said below the name; empty for nothing
     * @param off whether the clock is so far off that it is highlighted
     */
    void clock(
            String name,
            String detail,
            String figures,
            boolean off,
            Instant at,
            Duration uncertainty,
            ValidityWindow window) {
        boolean early = window.from() != null && at.isBefore(window.from());
        y += ROW;
        int middle = y - ROW / 2;
        int top = middle - 8;
        double from = window.from() == null ? LEFT : x(window.from());
        double until = window.until() == null ? RIGHT : x(window.until());
        rectangle("open", LEFT, top, RIGHT, 16);
        rectangle("early", LEFT, top, from, 16);
        rectangle("over", until, top, RIGHT, 16);
        bound(window.from(), from, top);
        bound(window.until(), until, top);
        rectangle("ink", xToScale(at.minus(uncertainty)), top + 6, xToScale(at.plus(uncertainty)), 4);
        pin(early, x(at), middle);
        String style = off ? "wait strong num" : "ink num";
        squeezed(FIGURES, middle + 5, style, figures, FIGURE, WIDTH - EDGE - FIGURES);
        squeezed(EDGE, detail.isEmpty() ? middle + 5 : middle - 2, "ink strong", name, BESIDE, LEFT - EDGE - GAP);
        if (!detail.isEmpty()) {
            squeezed(EDGE, middle + 14, "soft small", detail, BESIDE + 6, LEFT - EDGE - GAP);
        }
    }

    private void bound(@Nullable Instant at, double x, int top) {
        if (isIn(at)) {
            body.append(String.format(
                    Locale.ROOT, "<path class=\"bound\" stroke-width=\"2\" d=\"M%.1f %d v20\"/>%n", x, top - 2));
        }
    }

    /** A diamond if the clock is before the token's window, otherwise a circle. */
    private void pin(boolean early, double x, int middle) {
        body.append(
                early
                        ? String.format(
                                Locale.ROOT,
                                "<path class=\"pin wait\" stroke-width=\"3\" d=\"M%.1f %d l10 10 l-10 10 l-10 -10 z\"/>%n",
                                x,
                                middle - 10)
                        : String.format(
                                Locale.ROOT,
                                "<circle class=\"pin ink\" stroke-width=\"3\" cx=\"%.1f\" cy=\"%d\" r=\"9\"/>%n",
                                x,
                                middle));
    }

    /** The axis with times under it and a letter for each event on it; below, what the letters stand for. */
    void axis(List<Event> events) {
        y += 30;
        body.append(String.format(
                Locale.ROOT, "<path class=\"line\" stroke-width=\"2\" d=\"M%d %d H%d\"/>%n", LEFT, y, RIGHT));
        int line = y;
        events.stream().filter(event -> isIn(event.at())).forEach(event -> {
            double x = x(event.at());
            y = line - 5;
            badge(x - 8, event.letter());
        });
        for (Instant tick : axis.ticks()) {
            double x = xToScale(tick);
            body.append(String.format(
                    Locale.ROOT, "<path class=\"line\" stroke-width=\"2\" d=\"M%.1f %d v6\"/>%n", x, line));
            y = line + 20;
            text((int) Math.round(x), "soft small num middle", onAxis(tick));
        }
        y = line + 24;
        double x = WIDTH;
        for (Event event : events) {
            String text = event.name() + " " + CheckText.formatInstant(event.at());
            String beyond = axis.endsBefore(event.at()) ? " →" : axis.startsAfter(event.at()) ? " ←" : "";
            double width = 24 + LETTER * (text.length() + 2) + GAP;
            if (x + width > WIDTH - EDGE) {
                x = EDGE;
                y += 22;
            }
            badge(x, event.letter());
            text((int) x + 22, "ink num", text + beyond);
            x += width;
        }
    }

    private void badge(double x, String letter) {
        rectangle("ink", x, y - 12, x + 16, 15);
        text((int) Math.round(x + 8), "letter strong middle", letter);
    }

    private String onAxis(Instant tick) {
        String text = tick.toString();
        long step = axis.step().toSeconds();
        return step < 60 ? text.substring(11, 19) : step < 86_400 ? text.substring(11, 16) : text.split("T", -1)[0];
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
                        SvgText.escaped(title),
                        SvgText.escaped(description))
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
        text(x, y, style, "", text);
    }

    /** @param fitting about how many letters fit into {@code width} */
    private void squeezed(int x, int baseline, String style, String text, int fitting, int width) {
        String squeezed = " textLength=\"" + width + "\" lengthAdjust=\"spacingAndGlyphs\"";
        text(x, baseline, style, text.length() > fitting ? squeezed : "", text);
    }

    private void text(int x, int baseline, String style, String attributes, String text) {
        body.append(String.format(
                Locale.ROOT,
                "<text class=\"%s\" x=\"%d\" y=\"%d\"%s>%s</text>%n",
                style,
                x,
                baseline,
                attributes,
                SvgText.escaped(text)));
    }
}
