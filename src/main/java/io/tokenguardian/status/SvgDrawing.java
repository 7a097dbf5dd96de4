package io.tokenguardian.status;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** An SVG picture, drawn from top to bottom. The colours follow the reader's light or dark colour scheme. */
public final class SvgDrawing {
    static final int WIDTH = 1080;

    /** The left and right margin. */
    static final int EDGE = 24;

    /** The x position at which drawings begin. Their labels are to the left. */
    static final int LEFT = 310;

    /** The room for a label. */
    private static final int NAME = LEFT - EDGE - 16;

    /** The approximate width of a letter. */
    private static final double LETTER = 7.8;

    /** The number of letters of a label before text in a fixed-width font. */
    private static final int LABEL = 12;

    /** The approximate number of letters in a line of the title part, and in a line of the larger headline. */
    private static final int LINE = 130;

    private static final int HEADLINE = 80;

    /** The approximate width of a letter in the font of fixed width. */
    private static final double FIXED = 8.5;

    private static final String STYLE = """
            <style>
              svg { font: 14px system-ui, sans-serif; }
              .paper { fill: #fff; } .ink { fill: #15191f; } .soft { fill: #525c69; } .line { stroke: #525c69; }
              .strong { font-weight: 700; } .num { font-variant-numeric: tabular-nums; } .large { font-size: 21px; }
              .small { font-size: 12px; } .middle { text-anchor: middle; }
              .fixed { font-family: ui-monospace, monospace; white-space: pre; }
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

    private final StringBuilder body = new StringBuilder();
    private String title = "";
    private String description = "";
    private int width = WIDTH;
    private int y = EDGE;

    /**
     * Draws the verdict in the style class {@code tone}, the first sentence of {@code text} as the headline, and below
     * it the others and {@code more}.
     */
    public void head(String verdict, String tone, String text, List<String> more) {
        List<String> sentences = new ArrayList<>(List.of(text.split("(?<=\\.) +", 2)));
        String headline = sentences.remove(0);
        sentences.addAll(more);
        title = "Token Guardian: " + verdict;
        description = (text + " " + String.join(" ", more)).strip();
        y += 10;
        text(EDGE, y, "strong " + tone, verdict);
        y += 5;
        for (String line : SvgText.lines(headline, HEADLINE)) {
            y += 27;
            text(EDGE, y, "ink strong large", line);
        }
        y += 5;
        for (String sentence : sentences) {
            for (String line : SvgText.lines(sentence, LINE)) {
                y += 20;
                text(EDGE, y, "ink", line);
            }
        }
        y += 12;
    }

    /** Writes {@code text} in lines of a fixed-width font, behind {@code label}. */
    public void labelled(String label, String text) {
        List<String> lines = SvgText.lines(text, (int) ((WIDTH - 2 * EDGE) / FIXED) - LABEL);
        for (int i = 0; i < lines.size(); i++) {
            fixed(String.format(Locale.ROOT, "%-" + LABEL + "s", i == 0 ? label : "") + lines.get(i));
        }
    }

    /** Writes a line in a fixed-width font. The picture becomes as wide as the line. */
    public void fixed(String line) {
        width = Math.max(width, (int) (line.length() * FIXED) + 2 * EDGE);
        text(EDGE, down(20), "ink fixed", line);
    }

    /** Moves down by {@code height}, and returns the new y position. */
    int down(int height) {
        y += height;
        return y;
    }

    /** Writes {@code name}, and {@code detail} below it, to the left of the row of this height that ends here. */
    void rowName(String name, String detail, int height) {
        int middle = y - height / 2;
        fitted(detail.isEmpty() ? middle + 5 : middle - 2, "ink strong", name);
        if (!detail.isEmpty()) {
            fitted(middle + 14, "soft small", detail);
        }
    }

    /** Returns the whole document, with {@code foot} as its last line. */
    public String end(String foot) {
        y += 34;
        text(EDGE, y, "soft", foot);
        int height = y + EDGE;
        return String.format(
                        Locale.ROOT,
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
                                + " role=\"img\" aria-labelledby=\"t d\">%n<title id=\"t\">%s</title>%n"
                                + "<desc id=\"d\">%s</desc>%n",
                        width,
                        height,
                        width,
                        height,
                        SvgText.escaped(title),
                        SvgText.escaped(description))
                + STYLE
                + "<rect class=\"paper\" width=\"" + width + "\" height=\"" + height + "\" rx=\"10\"/>\n"
                + body
                + "</svg>\n";
    }

    void rectangle(String style, double left, int top, double right, int height) {
        if (right > left) {
            add(
                    "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>%n",
                    style, left, top, right - left, height);
        }
    }

    /** Compresses the text if it is too wide. */
    private void fitted(int baseline, String style, String text) {
        boolean fits = text.length() * LETTER <= NAME;
        String squeezed = " textLength=\"" + NAME + "\" lengthAdjust=\"spacingAndGlyphs\"";
        text(EDGE, baseline, style, fits ? "" : squeezed, text);
    }

    void text(int x, int baseline, String style, String text) {
        text(x, baseline, style, "", text);
    }

    private void text(int x, int baseline, String style, String attributes, String text) {
        add(
                "<text class=\"%s\" x=\"%d\" y=\"%d\"%s>%s</text>%n",
                style, x, baseline, attributes, SvgText.escaped(text));
    }

    void add(String format, Object... values) {
        body.append(String.format(Locale.ROOT, format, values));
    }
}
