package io.tokenguardian.config;

import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One setting. Its {@code defaultInWords} is Markdown for the table in docs/reference.md, which states its meaning.
 *
 * @param defaultText the default as a user would set it; null if none, or if it depends on other settings
 */
record Setting<T>(String name, @Nullable String defaultText, String defaultInWords, Format<T> format) {

    /** Returns the default as a user would set it, or a description of the default, without Markdown. */
    String plainDefault() {
        return defaultInWords.replace("`", "");
    }

    T defaultValue() {
        return parse(Objects.requireNonNull(defaultText, "this setting has no default"));
    }

    T parse(String text) {
        return format.parse(name, text);
    }

    /** Returns the environment variable for the setting {@code name}. */
    static String variable(String name) {
        return name.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }
}
