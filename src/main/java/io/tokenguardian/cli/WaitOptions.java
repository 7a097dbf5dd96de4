package io.tokenguardian.cli;

import io.tokenguardian.config.Format;
import io.tokenguardian.config.SettingException;
import io.tokenguardian.config.SettingsReader;
import io.tokenguardian.guardian.AcceptedBy;
import java.time.Duration;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of {@code wait} and {@code exec}. */
final class WaitOptions {
    /** Between 0 and 24 h. */
    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "How long to wait, such as 30s or 5m (default: guardian.wait.timeout).")
    @Nullable
    String timeout;

    @Option(
            names = "--accepted-by",
            paramLabel = "every|any",
            description = {
                "Which API server replicas must accept the token: every one that is known, or any, which is enough for"
                        + " an app that reaches the API server only through the proxy",
                "(default: guardian.readiness.accepted-by)."
            })
    @Nullable
    String acceptedBy;

    /** Named after the {@code linkerd-await} option. */
    @Option(
            names = "--timeout-fatal",
            arity = "1",
            paramLabel = "true|false",
            description = "With false, a token that is not accepted causes only a warning, at the timeout or as soon as"
                    + " waiting can't help: exec runs the command, and wait exits with 0 instead of 3 to 7"
                    + " (default: true).")
    boolean timeoutFatal = true;

    @Spec(Spec.Target.MIXEE)
    @Nullable
    CommandSpec command;

    /** @throws ParameterException if the value is not a duration, or is out of bounds */
    @Nullable
    Duration timeout() {
        return timeout == null ? null : parse(Format.UP_TO_A_DAY::parse, "--timeout", timeout);
    }

    /** @throws ParameterException if the value is neither {@code every} nor {@code any} */
    @Nullable
    AcceptedBy acceptedBy() {
        return acceptedBy == null ? null : parse(SettingsReader::acceptedBy, "--accepted-by", acceptedBy);
    }

    /** Returns the number of words on the command line after the program and its system properties. */
    int wordsOfCommandLine() {
        return command().root().commandLine().getParseResult().originalArgs().size();
    }

    private CommandSpec command() {
        return Objects.requireNonNull(command, "picocli sets it before it calls");
    }

    private <T> T parse(BiFunction<String, String, T> parser, String option, String text) {
        try {
            return parser.apply(option, text);
        } catch (SettingException e) {
            throw new ParameterException(command().commandLine(), e.getMessage());
        }
    }
}
