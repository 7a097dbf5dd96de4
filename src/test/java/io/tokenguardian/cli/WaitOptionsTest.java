package io.tokenguardian.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenguardian.config.Settings;
import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.testing.DefaultSettings;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

class WaitOptionsTest {
    private static final Settings DEFAULTS = DefaultSettings.all();

    @Command(name = "wait")
    private static final class Waiting {
        @Mixin
        WaitOptions options = new WaitOptions();
    }

    @Test
    void withoutOptionsTheSettingsCount() {
        WaitOptions options = parse();

        assertThat(options.timeout(DEFAULTS)).isEqualTo(Duration.ofMinutes(5));
        assertThat(options.acceptedBy(DEFAULTS)).isEqualTo(AcceptedBy.EVERY);
    }

    @ParameterizedTest
    @CsvSource({"every, EVERY", "any, ANY"})
    void anOptionReplacesItsSetting(String text, AcceptedBy acceptedBy) {
        WaitOptions options = parse("--timeout", "30s", "--accepted-by", text);

        assertThat(options.timeout(DEFAULTS)).isEqualTo(Duration.ofSeconds(30));
        assertThat(options.acceptedBy(DEFAULTS)).isEqualTo(acceptedBy);
    }

    @Test
    void anyOtherTextIsAUsageErrorThatSaysWhatIsAllowed() {
        WaitOptions options = parse("--timeout", "soon", "--accepted-by", "most");

        assertThatThrownBy(() -> options.timeout(DEFAULTS))
                .isInstanceOf(ParameterException.class)
                .hasMessageStartingWith("--timeout: \"soon\" is wrong; allowed is a duration");
        assertThatThrownBy(() -> options.acceptedBy(DEFAULTS))
                .isInstanceOf(ParameterException.class)
                .hasMessage("--accepted-by: \"most\" is wrong; allowed is every or any");
    }

    @Test
    void theHelpSaysWhatMayBeGiven() {
        assertThat(new CommandLine(new Waiting()).getUsageMessage())
                .contains(
                        "--accepted-by=every|any", "(default: guardian.readiness.accepted-by).", "--timeout=DURATION");
    }

    private static WaitOptions parse(String... arguments) {
        Waiting waiting = new Waiting();
        new CommandLine(waiting).parseArgs(arguments);
        return waiting.options;
    }
}
