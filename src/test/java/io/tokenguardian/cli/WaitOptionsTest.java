package io.tokenguardian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.guardian.AcceptedBy;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class WaitOptionsTest {
    @Command(name = "wait")
    private static final class Waiting {
        @Mixin
        WaitOptions options = new WaitOptions();
    }

    @Test
    void anOptionThatIsAbsentIsNull() {
        WaitOptions options = parse();

        assertThat(options.timeout()).isNull();
        assertThat(options.acceptedBy()).isNull();
    }

    @ParameterizedTest
    @CsvSource({"every, EVERY", "any, ANY"})
    void anOptionReplacesItsSetting(String text, AcceptedBy acceptedBy) {
        WaitOptions options = parse("--timeout", "30s", "--accepted-by", text);

        assertThat(options.timeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(options.acceptedBy()).isEqualTo(acceptedBy);
    }

    private static WaitOptions parse(String... arguments) {
        Waiting waiting = new Waiting();
        new CommandLine(waiting).parseArgs(arguments);
        return waiting.options;
    }
}
