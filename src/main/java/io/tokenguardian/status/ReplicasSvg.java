package io.tokenguardian.status;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The output of {@code explain -o svg}: the cause, the findings about the pod, and a table of all replicas. Also that
 * of {@code check --kubeconfig -o svg}, which has only the table below the verdict.
 *
 * @param cause one of the published words, which may be followed by more words
 * @param tone the style class of the cause: {@code good}, {@code wait} or {@code bad}
 * @param table null for none
 */
public record ReplicasSvg(
        String cause,
        String tone,
        String sentence,
        String advice,
        List<Line> lines,
        @Nullable SvgTable table,
        String foot) {

    /** The x position at which the findings begin. Their subjects are to the left. */
    private static final int FINDING = SvgDrawing.EDGE + 96;

    private static final int LETTERS = (int) ((SvgDrawing.WIDTH - SvgDrawing.EDGE - FINDING) / SvgDrawing.LETTER);

    /** A finding, and its subject in one or two words. */
    public record Line(String about, String finding) {}

    public String drawn() {
        SvgDrawing drawing = new SvgDrawing();
        drawing.head(cause, tone, sentence, List.of(advice));
        lines.forEach(line -> draw(drawing, line));
        if (table != null) {
            table.draw(drawing);
        }
        return drawing.end(foot);
    }

    private static void draw(SvgDrawing drawing, Line line) {
        drawing.text(SvgDrawing.EDGE, drawing.down(22), "ink strong", line.about());
        List<String> parts = SvgText.lines(line.finding(), LETTERS);
        for (int i = 0; i < parts.size(); i++) {
            drawing.text(FINDING, i == 0 ? drawing.bottom() : drawing.down(20), "ink", parts.get(i));
        }
    }
}
