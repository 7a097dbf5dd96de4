package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The native executable contains no data from the build machine. */
@EnabledIfSystemProperty(named = "native.image.path", matches = ".+", disabledReason = "there is no executable")
class BuildEnvironmentIT {

    /** {@code .ci/run} appends a random directory to the build's PATH. */
    @Test
    @EnabledIfEnvironmentVariable(named = "BUILD_MARK", matches = ".+")
    void theExecutableContainsNoVariableOfTheBuild() throws IOException {
        assertThat(executableContains(System.getenv("BUILD_MARK"))).isFalse();
    }

    @Test
    void theExecutableDoesNotContainTheBuildDirectory() throws IOException {
        assertThat(executableContains(Path.of("").toAbsolutePath() + "/target")).isFalse();
    }

    private static boolean executableContains(String value) throws IOException {
        Path executable = Path.of(System.getProperty("native.image.path"));
        return Files.readString(executable, StandardCharsets.ISO_8859_1).contains(value);
    }
}
