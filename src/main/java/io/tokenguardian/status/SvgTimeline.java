package io.tokenguardian.status;

import io.tokenguardian.replica.ValidityWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The timeline in a drawing: rows of clocks, an axis below them, and the events on the axis. */
record SvgTimeline(SvgDrawing drawing, TimeAxis axis) {
    /** A time in the token's life, and its letter on the axis. */
    record Event(String letter, String name, Instant at) {}

    /** {@code off} if the clock should be set. */
    record ClockRow(String name, String detail, Instant at, Duration uncertainty, String figures, boolean off) {}

    private static final int LEFT = SvgDrawing.LEFT;
    private static final int RIGHT = 770;
    private static final int MARGIN = 20;

    private static final int FIGURES = 790;

    private static final int ROW = 42;

    /** Without a token, {@code window} is null, and no bar is drawn. */
    void clock(ClockRow clock, @Nullable ValidityWindow window) {
        Instant at = clock.at();
        boolean early = window != null && window.from() != null && at.isBefore(window.from());
        int middle = drawing.down(ROW) - ROW / 2;
        int top = middle - 8;
        if (window != null) {
            bar(window, top);
        }
        drawing.rectangle(
                "ink", xToScale(at.minus(clock.uncertainty())), top + 6, xToScale(at.plus(clock.uncertainty())), 4);
        pin(early, x(at), middle);
        String style = clock.off() ? "wait strong num" : "ink num";
        drawing.text(FIGURES, middle + 5, style, clock.figures());
        drawing.rowName(clock.name(), clock.detail(), ROW);
    }

    private void bar(ValidityWindow window, int top) {
        double from = window.from() == null ? LEFT : x(window.from());
        double until = window.until() == null ? RIGHT : x(window.until());
        drawing.rectangle("open", LEFT, top, RIGHT, 16);
        drawing.rectangle("early", LEFT, top, from, 16);
        drawing.rectangle("over", until, top, RIGHT, 16);
        bound(window.from(), from, top);
        bound(window.until(), until, top);
    }

    private void bound(@Nullable Instant at, double x, int top) {
        if (isIn(at)) {
            drawing.add("<path class=\"bound\" stroke-width=\"2\" d=\"M%.1f %d v20\"/>%n", x, top - 2);
        }
    }

    private void pin(boolean early, double x, int middle) {
        if (early) {
            drawing.add(
                    "<path class=\"pin wait\" stroke-width=\"3\" d=\"M%.1f %d l10 10 l-10 10 l-10 -10 z\"/>%n",
                    x, middle - 10);
        } else {
            drawing.add("<circle class=\"pin ink\" stroke-width=\"3\" cx=\"%.1f\" cy=\"%d\" r=\"9\"/>%n", x, middle);
        }
    }

    void drawAxis(List<Event> events) {
        int line = drawing.down(30);
        drawing.add("<path class=\"line\" stroke-width=\"2\" d=\"M%d %d H%d\"/>%n", LEFT, line, RIGHT);
        events.stream()
                .filter(event -> isIn(event.at()))
                .forEach(event -> badge(x(event.at()) - 8, line - 5, event.letter()));
        for (Event event : events) {
            String text = event.name() + " " + CheckText.formatInstant(event.at());
            String beyond = axis.endsBefore(event.at()) ? " →" : axis.startsAfter(event.at()) ? " ←" : "";
            int baseline = drawing.down(22);
            badge(SvgDrawing.EDGE, baseline, event.letter());
            drawing.text(SvgDrawing.EDGE + 22, baseline, "ink num", text + beyond);
        }
    }

    private void badge(double x, int baseline, String letter) {
        drawing.rectangle("ink", x, baseline - 12, x + 16, 15);
        drawing.text((int) Math.round(x + 8), baseline, "letter strong middle", letter);
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

    /** Like {@link #x}, but draws an instant slightly outside the axis to scale in the margin. */
    private double xToScale(Instant at) {
        double x = LEFT + MARGIN + (RIGHT - LEFT - 2 * MARGIN) * axis.fraction(at);
        return Math.max(LEFT, Math.min(RIGHT, x));
    }
}
