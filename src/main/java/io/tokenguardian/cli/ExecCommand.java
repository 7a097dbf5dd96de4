package io.tokenguardian.cli;

import io.quarkus.arc.Unremovable;
import io.tokenguardian.graal.StartupMemory;
import io.tokenguardian.process.CommandNotStartedException;
import io.tokenguardian.process.ForwardingProcess;
import jakarta.enterprise.context.Dependent;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Implements {@code exec}: finds the command, waits as {@code wait} does, then runs the command with the same input,
 * outputs, signals and exit code. Prints nothing to stdout, and nothing at all if the command starts.
 */
@Dependent
@Unremovable
@Command(
        name = "exec",
        description = "Waits until the API server accepts the token, then runs a command in its place.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
final class ExecCommand implements Callable<Integer> {
    private final AcceptanceWait acceptance;

    @Mixin
    WaitOptions options = new WaitOptions();

    @Parameters(arity = "1..*", paramLabel = "CMD", description = "The command and its arguments.")
    List<String> command = List.of();

    @Spec
    @Nullable
    CommandSpec spec;

    ExecCommand(AcceptanceWait acceptance) {
        this.acceptance = acceptance;
    }

    @Override
    public Integer call() throws InterruptedException {
        CommandLine commandLine =
                Objects.requireNonNull(spec, "picocli sets it before it calls").commandLine();
        try {
            ForwardingProcess process = new ForwardingProcess(command);
            AcceptanceWait.Outcome outcome = acceptance.await(options);
            if (!outcome.isMet()) {
                acceptance.print(outcome, commandLine.getErr());
                return outcome.exitCode();
            }
            return process.run(StartupMemory::release);
        } catch (CommandNotStartedException e) {
            commandLine.getErr().println("token-guardian: " + e.getMessage());
            commandLine.getErr().flush();
            return e.exitCode();
        }
    }
}
