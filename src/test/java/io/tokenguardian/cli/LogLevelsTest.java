package io.tokenguardian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The log levels in application.properties name classes that exist. If a library renamed a class, its lines would be
 * logged again.
 */
class LogLevelsTest {
    private static final Pattern CLASS_LEVEL =
            Pattern.compile("quarkus\\.log\\.category\\.\"([a-z.0-9]+\\.[A-Z]\\w+)\"\\.level");

    @Test
    void eachNamesAClassThatIsThere() throws IOException {
        List<String> classes = ApplicationProperties.read().stringPropertyNames().stream()
                .flatMap(name -> CLASS_LEVEL.matcher(name).results())
                .map(found -> found.group(1))
                .toList();

        assertThat(classes)
                .contains("io.netty.util.internal.PlatformDependent")
                .allSatisfy(name -> assertThat(Class.forName(name, false, LogLevelsTest.class.getClassLoader()))
                        .isNotNull());
    }
}
