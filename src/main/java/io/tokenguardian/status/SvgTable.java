package io.tokenguardian.status;

import io.tokenguardian.replica.Finding;
import java.util.List;

/**
 * A table in SVG: each replica's result, which may be predicted, for the token that the replica of each row issued.
 *
 * @param notes sentences, each on a new line
 */
public record SvgTable(List<String> columns, List<TableRow> rows, List<String> notes) {
    public static final String CORNER = "issued by ↓  accepted by →";

    private static final int ROW = 44;
    private static final int LINE = 18;

    /** A column is at least this wide, so the picture has room for 24 replicas. */
    private static final int NARROWEST = 30;

    private static final int WIDEST = 220;

    private static final int PADDING = 10;

    /** The token that one replica issued, and each replica's result for it. {@code detail} is below the name. */
    public record TableRow(String name, String detail, List<TableCell> cells) {}

    /** A replica's result for a token. {@code detail} is below it, and may be empty. */
    public record TableCell(Finding finding, String words, String detail) {}

    private int column() {
        int room = SvgDrawing.WIDTH - SvgDrawing.EDGE - SvgDrawing.LEFT;
        return Math.max(NARROWEST, Math.min(WIDEST, room / Math.max(1, columns.size())));
    }

    void draw(SvgDrawing drawing) {
        drawHeads(drawing);
        rows.forEach(row -> draw(drawing, row));
        drawing.down(4);
        for (String note : notes) {
            for (String line : SvgText.lines(note, SvgDrawing.LINE)) {
                drawing.text(SvgDrawing.EDGE, drawing.down(20), "ink", line);
            }
        }
    }

    private void drawHeads(SvgDrawing drawing) {
        List<List<String>> heads = columns.stream()
                .map(name -> SvgText.lines(name, (int) ((column() - 2 * PADDING) / SvgDrawing.LETTER)))
                .toList();
        int lines = heads.stream().mapToInt(List::size).max().orElse(1);
        int top = drawing.down(30);
        int bottom = drawing.down((lines - 1) * LINE);
        drawing.text(SvgDrawing.EDGE, bottom, "soft", CORNER);
        for (int i = 0; i < heads.size(); i++) {
            List<String> head = heads.get(i);
            for (int line = 0; line < head.size(); line++) {
                int baseline = top + (lines - head.size() + line) * LINE;
                drawing.text(left(i) + PADDING, baseline, "ink strong", head.get(line));
            }
        }
        drawing.down(8);
    }

    private void draw(SvgDrawing drawing, TableRow row) {
        int bottom = drawing.down(ROW);
        drawing.rowName(row.name(), row.detail(), ROW);
        for (int i = 0; i < row.cells().size(); i++) {
            TableCell cell = row.cells().get(i);
            int x = left(i) + PADDING;
            int room = column() - 2 * PADDING;
            drawing.rectangle(background(cell.finding()), left(i), bottom - ROW + 2, left(i) + column() - 4, ROW - 4);
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
        return SvgDrawing.LEFT + index * column();
    }

    /** Returns the style class of the worst finding. */
    public static String tone(Finding finding) {
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
