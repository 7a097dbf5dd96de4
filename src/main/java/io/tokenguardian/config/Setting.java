package io.tokenguardian.config;

import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The declaration of one setting. The reader, the name check and the table in docs/reference.md all use it.
 *
 * @param name the property, such as {@code guardian.token.path}; NAME in it stands for an audience token's name
 * @param defaultText the default as a user would write it; null for none, or if it depends on other settings
 * @param defaultInWords the default for the table in docs/reference.md, in Markdown
 * @param format the allowed texts
 * @param meaning its purpose for the table in docs/reference.md, in Markdown
 */
record Setting<T>(String name, @Nullable String defaultText, String defaultInWords, Format<T> format, String meaning) {

    /** This setting for the audience token {@code token}. */
    Setting<T> forToken(String token) {
        return new Setting<>(name.replace("NAME", token), defaultText, defaultInWords, format, meaning);
    }

    /** Returns the default as a user would write it, or a description of it without Markdown. */
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

    /** The environment variable for the setting {@code name}. */
    static String variable(String name) {
        return name.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }
}
