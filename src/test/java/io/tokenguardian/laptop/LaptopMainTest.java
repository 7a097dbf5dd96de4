package io.tokenguardian.laptop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LaptopMainTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "serve | \"serve\" is not a command; allowed is check, explain, help, version;"
                        + " see \"token-guardian --help\".",
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
                new LaptopMain("1").commands().setErr(new PrintWriter(err)).execute(arguments.split(" "));

        assertThat(exitCode).isEqualTo(2);
        assertThat(err).hasToString("token-guardian: " + message + System.lineSeparator());
    }
}
