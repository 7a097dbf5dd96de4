package io.tokenguardian.cli;

import io.tokenguardian.config.SettingException;
import io.tokenguardian.config.SettingsReader;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The option {@code --timeout} of {@code wait} and {@code exec}: from 0 to 24 h. */
final class TimeoutOption {
    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "How long to wait, such as 30s or 5m (default: guardian.wait.timeout).")
    @Nullable
    String value;

    @Spec(Spec.Target.MIXEE)
    @Nullable
    CommandSpec command;

    /**
     * Returns the value on the command line or, without one, the setting.
     *
     * @throws ParameterException if the value is not a duration, or is out of bounds
     */
    Duration orElseGet(Supplier<Duration> setting) {
        if (value == null) {
            return setting.get();
        }
        try {
            return SettingsReader.waitTimeout("--timeout", value);
        } catch (SettingException e) {
            throw new ParameterException(
                    Objects.requireNonNull(command, "picocli sets it before it calls")
                            .commandLine(),
                    e.getMessage());
        }
    }
}
