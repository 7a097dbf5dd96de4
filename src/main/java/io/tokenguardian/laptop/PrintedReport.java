package io.tokenguardian.laptop;

import io.tokenguardian.command.TextTable;
import io.tokenguardian.status.SvgDrawing;
import io.tokenguardian.token.PrintableText;
import java.util.List;
import java.util.Locale;

/**
 * The output of {@code explain} and of {@code check --kubeconfig} for a person: as text, and as a picture of that text.
 *
 * @param word one of the published words
 * @param table its first row is the heading; empty for none
 * @param foot the last line of the picture
 */
record PrintedReport(String word, PodDiagnosis diagnosis, List<Line> lines, List<List<String>> table, String foot) {

    /** A finding, and its subject in one or two words. */
    record Line(String about, String finding) {}

    String text() {
        StringBuilder text = new StringBuilder();
        line(text, diagnosis.sentence());
        if (!diagnosis.advice().isEmpty()) {
            line(text, diagnosis.advice());
        }
        text.append('\n');
        lines.forEach(line -> line(text, String.format(Locale.ROOT, "%-12s", line.about()) + line.finding()));
        if (!table.isEmpty()) {
            text.append('\n');
            TextTable.lines(table).forEach(row -> line(text, row));
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String line) {
        text.append(PrintableText.of(line)).append('\n');
    }

    String svg() {
        SvgDrawing drawing = new SvgDrawing();
        drawing.head(word, diagnosis.cause().tone(), diagnosis.sentence(), List.of(diagnosis.advice()));
        lines.forEach(line -> drawing.labelled(line.about(), line.finding()));
        if (!table.isEmpty()) {
            drawing.fixed("");
            TextTable.lines(table).forEach(drawing::fixed);
        }
        return drawing.end(foot);
    }
}
