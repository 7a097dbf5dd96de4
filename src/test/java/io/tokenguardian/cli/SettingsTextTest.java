package io.tokenguardian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.config.Settings;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SettingsTextTest {
    private static final Settings.Listed SET =
            setting("guardian.b", "5m", "7m", "environment variable GUARDIAN_B", null);

    @Test
    void theTableHasTheDefaultOnlyWhereItIsNotTheValue() {
        assertThat(text(setting("guardian.long-name", "1s", "1s", "default", null), SET)
                        .table())
                .isEqualTo("""
                        SETTING             VALUE  FROM                             DEFAULT
                        guardian.long-name  1s     default
                        guardian.b          7m     environment variable GUARDIAN_B  5m
                        """);
    }

    @Test
    void theTableHasTheDefaultInWordsWhereThereIsNoValue() {
        assertThat(text(setting("guardian.a", "none", null, "default", null)).table())
                .isEqualTo("""
                        SETTING     VALUE  FROM     DEFAULT
                        guardian.a  none   default
                        """);
    }

    @Test
    void theTableHasWhatIsWrongBelowItsSetting() {
        SettingsText text = new SettingsText(new Settings.Listing(
                List.of(setting("guardian.a", "1s", "x", "system property", "guardian.a: \"x\" is wrong")),
                List.of("guardian.c is not a setting")));

        assertThat(text.table()).isEqualTo("""
                SETTING     VALUE  FROM             DEFAULT
                guardian.a  x      system property  1s
                  ^ wrong: guardian.a: "x" is wrong
                wrong: guardian.c is not a setting
                """);
    }

    @Test
    void asJsonASettingHasAllFields() {
        assertThat(text(SET).json().encode())
                .isEqualTo("{\"settings\":[{\"name\":\"guardian.b\",\"variable\":\"GUARDIAN_B\",\"value\":\"7m\","
                        + "\"from\":\"environment variable GUARDIAN_B\",\"default\":\"5m\",\"error\":null}],"
                        + "\"errors\":[]}");
    }

    private static SettingsText text(Settings.Listed... settings) {
        return new SettingsText(new Settings.Listing(List.of(settings), List.of()));
    }

    private static Settings.Listed setting(
            String name, String defaultText, @Nullable String value, String origin, @Nullable String error) {
        return new Settings.Listed(
                name,
                name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_'),
                defaultText,
                value,
                origin,
                error);
    }
}
