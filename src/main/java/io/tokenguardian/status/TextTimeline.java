package io.tokenguardian.status;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A small text drawing: events on an axis ({@link TimeAxis}), and below it the instant that each clock shows. */
final class TextTimeline {
    private static final int WIDTH = 60;
    private static final int LABEL = 24;

    /** How many columns at each edge are reserved for events outside the axis. */
    private static final int MARGIN = 3;

    /** Keeps a fraction in its column if rounding has made it slightly too small. */
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
        String name = mark.name().length() < LABEL ? mark.name() : mark.name().substring(0, LABEL - 2) + "…";
        drawing.append(String.format(Locale.ROOT, "%-" + LABEL + "s", name))
                .append(" ".repeat(column))
                .append(sign)
                .append(' ')
                .append(mark.at().truncatedTo(ChronoUnit.SECONDS))
                .append('\n');
    }

    private int column(Instant at) {
        TimeAxis timeAxis = timeAxis();
        if (timeAxis.startsAfter(at)) {
            return 0;
        }
        if (timeAxis.endsBefore(at)) {
            return WIDTH;
        }
        return (int) (MARGIN + (WIDTH - 2 * MARGIN) * timeAxis.fraction(at) + ROUNDING);
    }

    private TimeAxis timeAxis() {
        return TimeAxis.of(
                events.stream().map(Mark::at).toList(),
                clocks.stream().map(Mark::at).toList());
    }
}
