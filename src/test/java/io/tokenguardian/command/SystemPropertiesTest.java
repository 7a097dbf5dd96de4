package io.tokenguardian.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SystemPropertiesTest {
    private final String name = "test." + UUID.randomUUID();

    @AfterEach
    void clear() {
        System.clearProperty(name);
    }

    @ParameterizedTest
    @CsvSource({"=value,value", "=a=b,a=b", "=,''", "'',''"})
    void whatComesFirstIsSet(String rest, String value) {
        String[] others = SystemProperties.setLeading("-D" + name + rest, "check");

        assertThat(others).containsExactly("check");
        assertThat(System.getProperty(name)).isEqualTo(value);
    }

    @Test
    void aValueMayHaveSeveralLines() {
        SystemProperties.setLeading("-D" + name + "=first\nsecond");

        assertThat(System.getProperty(name)).isEqualTo("first\nsecond");
    }

    @Test
    void ofSeveralTheLastOfANameHolds() {
        String[] others = SystemProperties.setLeading("-D" + name + "=first", "-D" + name + "=second", "check");

        assertThat(others).containsExactly("check");
        assertThat(System.getProperty(name)).isEqualTo("second");
    }

    @Test
    void whatFollowsAnotherArgumentIsLeftToIt() {
        String[] others = SystemProperties.setLeading("exec", "java", "-D" + name + "=value");

        assertThat(others).containsExactly("exec", "java", "-D" + name + "=value");
        assertThat(System.getProperty(name)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-D", "-D=value", "-dname=value", "-Xmx1g", "-XX:+UseG1GC"})
    void whatNamesNoPropertyIsLeft(String argument) {
        assertThat(SystemProperties.setLeading(argument, "check")).containsExactly(argument, "check");
    }

    @Test
    void noArgumentsRemainNone() {
        assertThat(SystemProperties.setLeading()).isEmpty();
    }
}
