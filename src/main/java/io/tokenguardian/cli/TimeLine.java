package io.tokenguardian.cli;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A small drawing of events on an axis, and below it where each clock stands. What lies far off (an expiry a year
 * ahead) is drawn at the edge, so that seconds can still be told apart.
 */
final class TimeLine {
    private static final int WIDTH = 60;
    private static final int LABEL = 24;

    /** Columns at each edge that only what is not to scale may be in. */
    private static final int MARGIN = 3;

    /** Keeps a fraction that is a hair short of a column in it. */
    private static final double ROUNDING = 1e-9;

    private record Mark(String name, Instant at) {}

    private final List<Mark> events = new ArrayList<>();
    private final List<Mark> clocks = new ArrayList<>();

    void event(String name, @Nullable Instant at) {
        if (at != null) {
            events.add(new Mark(name, at));
        }
    }

    void clock(String name, Instant at) {
        clocks.add(new Mark(name, at));
    }

    /** One line an event, the axis, and one line a clock. */
    String draw() {
        StringBuilder drawing = new StringBuilder();
        events.sort(Comparator.comparing(Mark::at));
        StringBuilder axis = new StringBuilder("─".repeat(WIDTH + 1));
        for (Mark event : events) {
            append(drawing, event, '▼');
            axis.setCharAt(column(event.at()), '┼');
        }
        drawing.append(" ".repeat(LABEL)).append(axis).append('\n');
        for (Mark clock : clocks) {
            append(drawing, clock, '▲');
        }
        return drawing.toString();
    }

    private void append(StringBuilder drawing, Mark mark, char sign) {
        int column = column(mark.at());
        drawing.append(String.format(Locale.ROOT, "%-" + LABEL + "s", mark.name()))
                .append(" ".repeat(column))
                .append(sign)
                .append(' ')
                .append(mark.at().truncatedTo(ChronoUnit.SECONDS))
                .append('\n');
    }

    private int column(Instant at) {
        Scale scale = scale();
        if (scale.isBefore(at)) {
            return 0;
        }
        if (scale.isAfter(at)) {
            return WIDTH;
        }
        return (int) (MARGIN + (WIDTH - 2 * MARGIN) * scale.fraction(at) + ROUNDING);
    }

    private Scale scale() {
        return Scale.of(
                events.stream().map(Mark::at).toList(),
                clocks.stream().map(Mark::at).toList());
    }
}
