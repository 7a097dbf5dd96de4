package io.tokenguardian.cli;

import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Implements {@code wait}: ends when the token is accepted or usable, or as soon as waiting is known not to help. */
@Dependent
@Unremovable
@Command(
        name = "wait",
        description = "Waits until the API server accepts the token.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
final class WaitCommand implements Callable<Integer> {
    private final AcceptanceWait acceptance;

    @Mixin
    WaitOptions options = new WaitOptions();

    @Spec
    @Nullable
    CommandSpec spec;

    WaitCommand(AcceptanceWait acceptance) {
        this.acceptance = acceptance;
    }

    @Override
    public Integer call() throws InterruptedException {
        CommandLine commandLine =
                Objects.requireNonNull(spec, "picocli sets it before it calls").commandLine();
        if (acceptance.skipIfOff()) {
            return ExitCode.ACCEPTED;
        }
        AcceptanceWait.Outcome outcome = acceptance.await(options);
        acceptance.print(outcome, commandLine.getOut());
        return acceptance.goOnAfter(outcome, options) ? ExitCode.ACCEPTED : outcome.exitCode();
    }
}
