package io.tokenguardian.laptop;

import io.tokenguardian.clock.Seconds;
import io.tokenguardian.command.ExitCode;
import io.tokenguardian.command.PrintingCommand;
import io.tokenguardian.config.Format;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options and output of {@code check --kubeconfig}. */
public abstract class CrossCheckCommand extends PrintingCommand {

    public static final String CODES = "%nExit codes:%n  0  accepted%n" + ExitCode.HELP
            + "%n  8  --max-skew: accepted, but a replica's clock is further off%n";

    public static final String EXAMPLE = "  token-guardian check --kubeconfig --max-skew 30s";

    /** The limit on clock offsets, from 0 to 24 h. */
    @Option(
            names = "--max-skew",
            paramLabel = "DURATION",
            description = {
                "Exit code 8 if the token is accepted, but an API server replica's clock is off by more than this,",
                "such as 30s."
            })
    @Nullable
    String maxSkew;

    @Option(
            names = "--service-account",
            paramLabel = "NAMESPACE/NAME",
            description = "With a kubeconfig: the account for which ten-minute tokens are issued (default:"
                    + " ${DEFAULT-VALUE}).")
    String serviceAccount = "default/default";

    @Mixin
    protected ReportOptions options = new ReportOptions();

    /** Whether an option is given that has a meaning only outside the cluster. */
    protected final boolean hasKubeconfig() {
        return Stream.of("--kubeconfig", "--context", "--connections", "--service-account")
                .anyMatch(spec().commandLine().getParseResult()::hasMatchedOption);
    }

    protected final @Nullable Duration limit() {
        return maxSkew == null ? null : Format.UP_TO_A_DAY.parse("--max-skew", maxSkew);
    }

    protected final int crossCheck(CrossCheck crossCheck, @Nullable Duration limit) {
        CrossCheckReport report;
        try {
            report = crossCheck.check(options.target(), serviceAccount);
        } catch (CheckFailedException e) {
            return failed(e.exitCode(), e.getMessage());
        }
        print(report.in(options.output));
        return exitCode(ExitCode.of(report.finding().word()), limit, report::skewBeyond);
    }

    /** {@code SKEWED} if the token is accepted but a clock is off by more than {@code limit}; else {@code code}. */
    protected final int exitCode(int code, @Nullable Duration limit, Function<Duration, Optional<String>> skewBeyond) {
        if (limit == null || code != ExitCode.ACCEPTED) {
            return code;
        }
        return skewBeyond
                .apply(limit)
                .map(skew -> failed(ExitCode.SKEWED, skew + "; --max-skew allows " + Seconds.text(limit)))
                .orElse(code);
    }
}
