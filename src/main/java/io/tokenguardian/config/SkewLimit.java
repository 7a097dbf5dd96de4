package io.tokenguardian.config;

import java.time.Duration;

/** Parses the limit of {@code check --max-skew}. */
public final class SkewLimit {
    private static final Format<Duration> FORMAT = Format.duration(Duration.ZERO, Duration.ofDays(1));

    private SkewLimit() {}

    /** Throws a {@link SettingException} as {@link SettingsReader#waitTimeout} does. */
    public static Duration parse(String option, String text) {
        return FORMAT.parse(option, text);
    }
}
