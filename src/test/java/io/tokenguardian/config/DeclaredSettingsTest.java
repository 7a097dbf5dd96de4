package io.tokenguardian.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.Readme;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class DeclaredSettingsTest {

    static final List<Setting<?>> WITH_DEFAULT = DeclaredSettings.all().stream()
            .filter(setting -> setting.defaultText() != null)
            .toList();

    @Test
    void theTableInTheReferenceHasEachNameAndDefault() {
        List<String> rows = DeclaredSettings.all().stream()
                .map(setting -> "| `%s` | %s |".formatted(setting.name(), setting.defaultInWords()))
                .toList();

        assertThat(Readme.settingRows())
                .extracting(row -> row.replaceFirst("(?<=^[|][^|]{1,60}[|][^|]{1,120}[|]).*", ""))
                .containsExactlyElementsOf(rows);
    }

    @ParameterizedTest
    @FieldSource("WITH_DEFAULT")
    void aDefaultIsAllowed(Setting<?> setting) {
        assertThat(setting.defaultValue()).isNotNull();
    }
}
