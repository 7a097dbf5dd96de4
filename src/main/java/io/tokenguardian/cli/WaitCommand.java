package io.tokenguardian.cli;

import io.quarkus.arc.Unremovable;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.Explanation;
import io.tokenguardian.guardian.Guardian;
import io.tokenguardian.guardian.GuardianLoop;
import io.tokenguardian.guardian.Situation;
import io.tokenguardian.token.TokenWatch;
import io.tokenguardian.verdict.Verdict;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Provider;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code wait}: ends when the token is accepted, or as soon as it is known that it won't be in time. */
@Dependent
@Unremovable
@Command(
        name = "wait",
        description = "Waits until the API server accepts the token.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
final class WaitCommand implements Callable<Integer> {
    private static final Duration LONGEST = Duration.ofHours(24);

    private final Provider<Settings> settings;
    private final Provider<Guardian> guardian;
    private final Provider<TokenWatch> watch;
    private final Provider<GuardianLoop> loop;
    private final Timeline timeline;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "How long to wait, such as 30s or 5m (default: guardian.wait.timeout, 5m).")
    @Nullable
    String timeout;

    @Spec
    @Nullable
    CommandSpec spec;

    WaitCommand(
            Provider<Settings> settings,
            Provider<Guardian> guardian,
            Provider<TokenWatch> watch,
            Provider<GuardianLoop> loop,
            Timeline timeline) {
        this.settings = settings;
        this.guardian = guardian;
        this.watch = watch;
        this.loop = loop;
        this.timeline = timeline;
    }

    @Override
    public Integer call() throws InterruptedException {
        Instant deadline = timeline.instant().plus(timeout());
        Patience patience = new Patience(deadline, settings.get().retry().youngToken());
        Vigil vigil = new Vigil(patience, timeline);
        guardian.get().onSituation(vigil);
        try (TokenWatch watching = watch.get();
                GuardianLoop guarding = loop.get()) {
            guarding.start();
            watching.start();
            Situation last = vigil.await();
            say(last, deadline);
            return ExitCode.of(last.verdict());
        }
    }

    private Duration timeout() {
        if (timeout == null) {
            return settings.get().waiting().timeout();
        }
        Duration parsed = SettingsReader.parseDuration(timeout, Duration.ZERO, LONGEST);
        if (parsed == null) {
            throw new ParameterException(
                    commandSpec().commandLine(),
                    "--timeout: \"" + timeout + "\" is wrong; allowed is "
                            + SettingsReader.durationAllowed(Duration.ZERO, LONGEST));
        }
        return parsed;
    }

    private CommandSpec commandSpec() {
        if (spec == null) {
            throw new IllegalStateException("picocli sets the specification before it calls");
        }
        return spec;
    }

    private void say(Situation last, Instant deadline) {
        PrintWriter out = commandSpec().commandLine().getOut();
        Explanation explanation = Explanation.of(last, timeline.instant());
        out.println(last.verdict().word() + ": " + explanation.sentence());
        if (!last.isAccepted()) {
            boolean tooLate = last.verdict() instanceof Verdict.NotYetValid
                    && timeline.instant().isBefore(deadline);
            out.println((tooLate ? "It won't be in time. " + explanation.advice() : explanation.advice()).strip());
        }
        out.flush();
    }
}
