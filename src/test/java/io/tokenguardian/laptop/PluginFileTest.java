package io.tokenguardian.laptop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PluginFileTest {
    private static final String EXTENSIONS = String.join(File.pathSeparator, ".COM", ".EXE", ".CMD");

    @TempDir
    Path directory;

    @BeforeEach
    void aPluginThatIsAScript() throws IOException {
        Files.createFile(directory.resolve("plugin.CMD"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PATH", "Path"})
    void thePathIsSearchedWithTheExtensionsOfWindows(String variable) {
        String path = String.join(File.pathSeparator, "/no where", "", directory.toString());

        String file = PluginFile.of("plugin", false, Map.of("PATHEXT", EXTENSIONS, variable, path));

        assertThat(file).isEqualTo(directory.resolve("plugin.CMD").toString());
    }

    @Test
    void aPathIsCompletedTheSame() {
        String command = directory.resolve("plugin").toString();

        assertThat(PluginFile.of(command, true, Map.of("PATHEXT", EXTENSIONS))).isEqualTo(command + ".CMD");
    }

    @Test
    void whereThereAreNoExtensionsTheCommandStays() {
        assertThat(PluginFile.of("plugin", false, Map.of("PATH", directory.toString())))
                .isEqualTo("plugin");
    }

    @Test
    void aFileThatIsNotFoundStaysAsItIsNamed() {
        assertThat(PluginFile.of("other.exe", false, Map.of("PATHEXT", EXTENSIONS, "PATH", directory.toString())))
                .isEqualTo("other.exe");
    }
}
