package io.tokenguardian.laptop;

import io.tokenguardian.clock.Seconds;
import io.tokenguardian.command.ExitCode;
import io.tokenguardian.command.PrintingCommand;
import io.tokenguardian.config.SkewLimit;
import io.tokenguardian.token.PrintableText;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options and output of {@code check --kubeconfig}. */
public abstract class CrossCheckCommand extends PrintingCommand {

    public static final String CODES = "%nExit codes:%n  0  accepted%n" + ExitCode.HELP
            + "%n  8  --max-skew: accepted, but a replica's clock is further off%n";

    public static final String EXAMPLE = "  token-guardian check --kubeconfig --max-skew 30s";

    protected enum Output {
        text,
        json,
        svg
    }

    @Option(
            names = {"-o", "--output"},
            paramLabel = "text|json|svg",
            description = "Output format: text for a person, JSON for a program, or an SVG picture for a ticket"
                    + " (default: ${DEFAULT-VALUE}).")
    protected Output output = Output.text;

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

    @Mixin
    protected KubeconfigOptions kubeconfig = new KubeconfigOptions();

    protected final @Nullable Duration limit() {
        return maxSkew == null ? null : SkewLimit.parse("--max-skew", maxSkew);
    }

    protected final int crossCheck(CrossCheck crossCheck, CrossCheck.Request request, @Nullable Duration limit) {
        CrossCheck.Result result;
        try {
            result = crossCheck.run(request);
        } catch (CrossCheck.FailedException e) {
            return failed(e.failure().exitCode(), e.getMessage());
        }
        print(
                switch (output) {
                    case text -> result.text();
                    case json -> PrintableText.json(result.json());
                    case svg -> result.svg();
                });
        return exitCode(ExitCode.of(result.finding()), limit, result.skewBeyond());
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
