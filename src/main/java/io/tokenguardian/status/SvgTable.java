package io.tokenguardian.status;

import io.tokenguardian.replica.Finding;
import java.util.List;

/** A table of findings in SVG: each replica's result for the token that each replica issued. */
final class SvgTable {
    private static final int ROW = 44;
    private static final int LINE = 18;

    /** Within these limits, a column is as wide as possible. With many columns, the drawing becomes wider. */
    private static final int NARROWEST = 96;

    private static final int WIDEST = 220;
    private static final int PADDING = 10;

    private final CheckSvg.Table table;
    private final int column;
    private final SvgDrawing drawing;

    private SvgTable(SvgDrawing drawing, CheckSvg.Table table) {
        this.table = table;
        this.column = column(table);
        this.drawing = drawing;
    }

    static String of(CheckSvg.Table table) {
        SvgDrawing drawing = new SvgDrawing(width(table));
        boolean warns = table.clockOff() && table.worst() == Finding.ACCEPTED;
        drawing.headOf(
                table.worst().word() + (warns ? ", a clock is off" : ""),
                warns ? "wait" : tone(table.worst()),
                table.sentence(),
                List.of(table.advice()));
        draw(drawing, table);
        return drawing.end(table.foot());
    }

    static int width(CheckSvg.Table table) {
        return Math.max(SvgDrawing.WIDTH, SvgDrawing.LEFT + columns(table) * column(table) + SvgDrawing.EDGE);
    }

    private static int columns(CheckSvg.Table table) {
        return Math.max(1, table.columns().size());
    }

    private static int column(CheckSvg.Table table) {
        int room = SvgDrawing.WIDTH - SvgDrawing.EDGE - SvgDrawing.LEFT;
        return Math.max(NARROWEST, Math.min(WIDEST, room / columns(table)));
    }

    /** Adds the cells and the notes of {@code table} to a drawing that is wide enough ({@link #width}). */
    static void draw(SvgDrawing drawing, CheckSvg.Table table) {
        new SvgTable(drawing, table).draw();
    }

    private void draw() {
        heads();
        table.rows().forEach(this::row);
        drawing.down(4);
        for (String note : table.notes()) {
            for (String line : SvgText.lines(note, SvgDrawing.LINE)) {
                drawing.text(SvgDrawing.EDGE, drawing.down(20), "ink", line);
            }
        }
    }

    private void heads() {
        List<List<String>> heads = table.columns().stream()
                .map(name -> SvgText.lines(name, (int) ((column - 2 * PADDING) / SvgDrawing.LETTER)))
                .toList();
        int lines = heads.stream().mapToInt(List::size).max().orElse(1);
        int top = drawing.down(30);
        int bottom = drawing.down((lines - 1) * LINE);
        drawing.text(SvgDrawing.EDGE, bottom, "soft", "issued by ↓  accepted by →");
        for (int i = 0; i < heads.size(); i++) {
            List<String> head = heads.get(i);
            for (int line = 0; line < head.size(); line++) {
                int baseline = top + (lines - head.size() + line) * LINE;
                drawing.text(left(i) + PADDING, baseline, "ink strong", head.get(line));
            }
        }
        drawing.down(8);
    }

    private void row(CheckSvg.TableRow row) {
        int bottom = drawing.down(ROW);
        drawing.rowName(row.name(), row.detail(), ROW);
        for (int i = 0; i < row.cells().size(); i++) {
            CheckSvg.TableCell cell = row.cells().get(i);
            int x = left(i) + PADDING;
            int room = column - 2 * PADDING;
            drawing.rectangle(background(cell.finding()), left(i), bottom - ROW + 2, left(i) + column - 4, ROW - 4);
            int middle = bottom - ROW / 2;
            boolean one = cell.detail().isEmpty();
            String style = cell.finding() == Finding.REFUSED ? "bad strong" : "ink";
            drawing.fitted(x, one ? middle + 5 : middle - 2, style, cell.words(), room);
            if (!one) {
                drawing.fitted(x, middle + 14, "ink small", cell.detail(), room);
            }
        }
    }

    private int left(int index) {
        return SvgDrawing.LEFT + index * column;
    }

    private static String tone(Finding finding) {
        return switch (finding) {
            case ACCEPTED -> "good";
            case NOT_YET_VALID, EXPIRED -> "wait";
            case REFUSED, UNREACHABLE -> "bad";
        };
    }

    /** The colours of the timeline: for an accepted token, and for the time before and after its window. */
    private static String background(Finding finding) {
        return switch (finding) {
            case ACCEPTED -> "open";
            case NOT_YET_VALID -> "early1";
            case EXPIRED, REFUSED, UNREACHABLE -> "over1";
        };
    }
}
