package io.tokenguardian.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenguardian.config.SettingException;
import io.tokenguardian.config.Settings;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTextTest {
    private static final Settings.Listed SET =
            setting("guardian.b", "5m", "${X}m", "7m", "environment variable GUARDIAN_B", null);

    @Test
    void theTableHasTheDefaultOnlyWhereItIsNotTheValue() {
        assertThat(text(setting("guardian.long-name", "1s", null, "1s", "default", null), SET)
                        .table())
                .isEqualTo("""
                        SETTING             VALUE  FROM                             DEFAULT
                        guardian.long-name  1s     default
                        guardian.b          7m     environment variable GUARDIAN_B  5m
                        """);
    }

    @Test
    void theTableHasTheDefaultInWordsWhereThereIsNoValue() {
        assertThat(text(setting("guardian.a", "none", null, null, "default", null))
                        .table())
                .isEqualTo("""
                        SETTING     VALUE  FROM     DEFAULT
                        guardian.a  none   default
                        """);
    }

    @Test
    void theTableHasWhatIsWrongBelowItsSetting() {
        SettingsText text = new SettingsText(new Settings.Listing(
                List.of(setting("guardian.a", "1s", "x", "x", "system property", "guardian.a: \"x\" is wrong")),
                List.of("guardian.c is not a setting")));

        assertThat(text.table()).isEqualTo("""
                SETTING     VALUE  FROM             DEFAULT
                guardian.a  x      system property  1s
                  ^ wrong: guardian.a: "x" is wrong
                wrong: guardian.c is not a setting
                """);
    }

    @Test
    void asEnvironmentOnlyWhatIsSetIsNoComment() {
        assertThat(text(
                                setting("guardian.a", "1s", null, "1s", "default", null),
                                SET,
                                setting("guardian.c", "none", null, null, "default", null))
                        .env())
                .isEqualTo("""
                        # GUARDIAN_A=1s
                        GUARDIAN_B=${X}m
                        # GUARDIAN_C=
                        """);
    }

    @Test
    void asEnvironmentAWrongValueIsACommentWithWhatIsWrong() {
        assertThat(text(setting("guardian.a", "1s", "x", "x", "system property", "guardian.a: \"x\" is wrong"))
                        .env())
                .isEqualTo("""
                        # wrong: guardian.a: "x" is wrong
                        # GUARDIAN_A=x
                        """);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x\nY=z", "x\n", "x\r", "'x'", "\"x\""})
    void asEnvironmentAValueThatALineCantHaveIsRefused(String value) {
        SettingsText text = text(SET, setting("guardian.a", "1s", value, value, "system property", null));

        assertThatThrownBy(text::env)
                .isInstanceOf(SettingException.class)
                .hasMessage("guardian.a: a line NAME=VALUE can't have this value, with its control characters or with"
                        + " quotes around it; use -o shell");
    }

    @Test
    void asEnvironmentAWrongValueOfTwoLinesIsAComment() {
        assertThat(text(setting("guardian.a", "1s", "x\nY=z", "x\nY=z", "system property", "guardian.a is wrong"))
                        .env())
                .isEqualTo("# wrong: guardian.a is wrong\n# GUARDIAN_A=x\\u000aY=z\n");
    }

    @Test
    void forAShellAValueIsInQuotesAndADefaultIsAComment() {
        assertThat(text(
                                setting("guardian.a", "it's\n", null, "it's\n", "default", null),
                                setting("guardian.b", "none", "it's\n$X", "", "system property", null))
                        .shell())
                .isEqualTo("# GUARDIAN_A='it'\\''s\\u000a'\nGUARDIAN_B='it'\\''s\n$X'\n");
    }

    @Test
    void asEnvironmentAValueWithAPartLeftOutIsAComment() {
        assertThat(text(setting("guardian.a", "none", null, "https://***@host", "system property", null))
                        .env())
                .isEqualTo("# GUARDIAN_A=https://***@host\n");
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
            String name,
            String defaultText,
            @Nullable String written,
            @Nullable String value,
            String origin,
            @Nullable String error) {
        return new Settings.Listed(
                name,
                name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_'),
                defaultText,
                written,
                value,
                origin,
                error);
    }
}
