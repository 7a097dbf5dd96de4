package io.tokenguardian.cli;

import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
    private final AcceptanceWait acceptance;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "How long to wait, such as 30s or 5m (default: guardian.wait.timeout, 5m).")
    @Nullable
    String timeout;

    @Spec
    @Nullable
    CommandSpec spec;

    WaitCommand(AcceptanceWait acceptance) {
        this.acceptance = acceptance;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (spec == null) {
            throw new IllegalStateException("picocli sets the specification before it calls");
        }
        AcceptanceWait.Outcome outcome = acceptance.await(timeout, spec.commandLine());
        acceptance.say(outcome, spec.commandLine().getOut());
        return ExitCode.of(outcome.last().verdict());
    }
}
