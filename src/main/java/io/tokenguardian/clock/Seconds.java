package io.tokenguardian.clock;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Locale;

/** Formats durations for people, JSON and metrics. */
public final class Seconds {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration TENTH = Duration.ofMillis(100);

    private Seconds() {}

    /** Works for any duration: claims and clocks may exceed the 292 years of nanoseconds in a {@code long}. */
    public static double of(Duration duration) {
        return duration.getSeconds() + duration.getNano() / 1e9;
    }

    /** Returns {@code duration} in seconds with millisecond precision, for JSON. */
    public static BigDecimal decimal(Duration duration) {
        return BigDecimal.valueOf(duration.getSeconds())
                .add(BigDecimal.valueOf(duration.getNano(), 9))
                .setScale(3, RoundingMode.HALF_EVEN);
    }

    /** The length as text, for example {@code 9.5 s}, {@code 1 min 15 s}, {@code 27 h 46 min}. */
    public static String text(Duration duration) {
        Duration length = duration.abs();
        if (length.plus(TENTH.dividedBy(2)).compareTo(MINUTE) < 0) {
            return String.format(Locale.ROOT, "%.1f s", of(length));
        }
        Duration rounded = length.plusMillis(500);
        if (rounded.toHours() < 1) {
            return text(rounded.toMinutes(), "min", rounded.toSecondsPart(), "s");
        }
        return rounded.toDays() < 2
                ? text(rounded.toHours(), "h", rounded.toMinutesPart(), "min")
                : text(rounded.toDays(), "d", rounded.toHoursPart(), "h");
    }

    private static String text(long many, String unit, int few, String smallerUnit) {
        return many + " " + unit + (few == 0 ? "" : " " + few + " " + smallerUnit);
    }
}
