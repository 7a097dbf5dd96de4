package io.tokenguardian.cli;

import io.quarkus.arc.Unremovable;
import io.tokenguardian.command.ExitCode;
import io.tokenguardian.command.PrintingCommand;
import io.tokenguardian.command.Version;
import io.tokenguardian.config.SettingException;
import io.tokenguardian.process.CommandNotStartedException;
import io.tokenguardian.process.ForwardingProcess;
import io.tokenguardian.process.StartupMemory;
import jakarta.enterprise.context.Dependent;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** Prints nothing to stdout. If the command starts, writes only logged warnings to stderr. */
@Dependent
@Unremovable
@Command(
        name = "exec",
        description = "Waits until the API server accepts the token, then runs a command, and passes on its"
                + " input, outputs, signals and exit code.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        footerHeading = "%nExit codes, if the command is not started:%n",
        footer = {
            ExitCode.HELP,
            "126  the command can't be executed",
            "127  the command is not found",
            "",
            "Example: token-guardian exec --timeout 10m -- /app --port 8080"
        })
final class ExecCommand extends PrintingCommand {
    private static final Logger LOG = Logger.getLogger(ExecCommand.class);

    /** How long to keep trying to reach the guardian if the command ends before the guardian starts listening. */
    private static final Duration QUIT_PATIENCE = Duration.ofSeconds(10);

    private final AcceptanceWait acceptance;
    private final LocalListener listener;

    @Mixin
    WaitOptions options = new WaitOptions();

    @Option(
            names = "--quit",
            description = "When exec ends, it also ends the guardian that serves in this pod, as POST /quit does."
                    + " This is for a Job whose sidecar is an ordinary container. It does not happen after incorrect usage or"
                    + " after a signal during the wait. The exit code is still the command's.")
    boolean quit;

    @Parameters(arity = "1..*", paramLabel = "CMD", description = "The command and its arguments.")
    List<String> command = List.of();

    private @Nullable ForwardingProcess process;

    ExecCommand(AcceptanceWait acceptance, LocalListener listener) {
        this.acceptance = acceptance;
        this.listener = listener;
    }

    @Override
    public Integer call() throws InterruptedException {
        boolean wellUsed = true;
        try {
            return waitAndRun();
        } catch (ParameterException e) { // an invalid option value that only the wait reads
            wellUsed = false;
            throw e;
        } finally {
            if (quit && wellUsed) {
                endSidecar();
            }
        }
    }

    private int waitAndRun() throws InterruptedException {
        try {
            ForwardingProcess found = new ForwardingProcess(command);
            if (!acceptance.skipIfOff(options)) {
                WaitOutcome outcome = acceptance.await(options);
                if (!AcceptanceWait.goOnAfter(outcome, options)) {
                    err().print(outcome.text());
                    err().flush();
                    return outcome.exitCode();
                }
            }
            process = found;
            return found.run(StartupMemory::release);
        } catch (CommandNotStartedException e) {
            return failed(e.exitCode(), e.getMessage());
        }
    }

    /** If the pod is being deleted, does not wait for the sidecar, which has received the same signal. */
    private void endSidecar() throws InterruptedException {
        try {
            listener.quit(QUIT_PATIENCE, () -> process != null && process.isToldToEnd());
        } catch (IOException | SettingException e) {
            LOG.warnf("The guardian was not ended: %s", e.getMessage());
        }
    }
}
