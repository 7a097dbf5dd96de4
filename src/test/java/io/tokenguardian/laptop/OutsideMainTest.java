package io.tokenguardian.laptop;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.cli.GuardianCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.Command;

class OutsideMainTest {
    @Test
    void eachCommandIsOfferedOrSaidToBeTheExecutables() {
        Set<String> known = new TreeSet<>(OutsideMain.OF_THE_EXECUTABLE);
        known.addAll(new OutsideMain("1").commands().getSubcommands().keySet());

        assertThat(known)
                .containsExactlyInAnyOrderElementsOf(Stream.of(GuardianCommand.class
                                .getAnnotation(Command.class)
                                .subcommands())
                        .map(command -> command.getAnnotation(Command.class).name())
                        .toList());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "chek | \"chek\" is not a command; allowed is check, explain, help, version;"
                        + " see \"token-guardian --help\".",
                "--chek | \"--chek\" is wrong; allowed is --help, --version; see \"token-guardian --help\".",
                "version now | version: \"now\" is wrong; allowed is --help, --version;"
                        + " see \"token-guardian version --help\".",
                "help a b | help: \"b\" is wrong; allowed is COMMAND, --help, --version;"
                        + " see \"token-guardian help --help\"."
            })
    void anUnknownArgumentIsReportedWithWhatIsAllowed(String arguments, String message) {
        StringWriter err = new StringWriter();

        int exitCode =
                new OutsideMain("1").commands().setErr(new PrintWriter(err)).execute(arguments.split(" "));

        assertThat(exitCode).isEqualTo(2);
        assertThat(err).hasToString("token-guardian: " + message + System.lineSeparator());
    }
}
