package io.tokenguardian.config;

import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The declaration of one setting, which the reader, the name check and the table in docs/reference.md all use.
 *
 * @param name the property, such as {@code guardian.token.path}; it contains NAME in place of an audience token's name
 * @param defaultText the default as a user would set it; null if none, or if the default depends on other settings
 * @param defaultInWords the default for the table in docs/reference.md, in Markdown
 * @param format the format, which defines the allowed texts
 * @param meaning the setting's description for the table in docs/reference.md, in Markdown
 */
record Setting<T>(String name, @Nullable String defaultText, String defaultInWords, Format<T> format, String meaning) {

    /** Returns this setting for the audience token {@code token}. */
    Setting<T> forToken(String token) {
        return new Setting<>(name.replace("NAME", token), defaultText, defaultInWords, format, meaning);
    }

    /** Returns the default as a user would set it, or a description of the default, without Markdown. */
    String plainDefault() {
        return defaultInWords.replace("`", "");
    }

    T defaultValue() {
        return parse(Objects.requireNonNull(defaultText, "this setting has no default"));
    }

    /** @throws SettingException if {@code text} is not allowed */
    T parse(String text) {
        return format.parse(name, text);
    }

    /** Returns the environment variable for the setting {@code name}. */
    static String variable(String name) {
        return name.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }
}
