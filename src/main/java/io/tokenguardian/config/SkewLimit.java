package io.tokenguardian.config;

import java.time.Duration;

/** Parses the limit of {@code check --max-skew}. */
public final class SkewLimit {
    private static final Format<Duration> FORMAT = Format.duration(Duration.ZERO, Duration.ofDays(1));

    private SkewLimit() {}

    /**
     * Parses {@code text}, the value of {@code option}.
     *
     * @throws SettingException if it is invalid; the message is one line that begins with {@code option}
     */
    public static Duration parse(String option, String text) {
        return FORMAT.parse(option, text);
    }
}
