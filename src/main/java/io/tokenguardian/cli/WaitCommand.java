package io.tokenguardian.cli;

import io.quarkus.arc.Unremovable;
import io.tokenguardian.command.ExitCode;
import io.tokenguardian.command.PrintingCommand;
import io.tokenguardian.command.Version;
import jakarta.enterprise.context.Dependent;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Dependent
@Unremovable
@Command(
        name = "wait",
        description = "Waits until the API server accepts the token.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        footerHeading = "%nExit codes:%n",
        footer = {
            "  0  accepted, or usable with --accepted-by any",
            ExitCode.HELP,
            "",
            "Example: token-guardian wait --timeout 10m"
        })
final class WaitCommand extends PrintingCommand {
    private final AcceptanceWait acceptance;

    @Mixin
    WaitOptions options = new WaitOptions();

    WaitCommand(AcceptanceWait acceptance) {
        this.acceptance = acceptance;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (acceptance.skipIfOff(options)) {
            return ExitCode.ACCEPTED;
        }
        WaitOutcome outcome = acceptance.await(options);
        boolean succeeds = AcceptanceWait.goOnAfter(outcome, options);
        if (outcome.isMet() || !succeeds) {
            print(outcome.text());
        }
        return succeeds ? ExitCode.ACCEPTED : outcome.exitCode();
    }
}
