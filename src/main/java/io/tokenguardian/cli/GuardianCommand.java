package io.tokenguardian.cli;

import io.quarkus.picocli.runtime.annotations.TopCommand;
import io.tokenguardian.command.ExitCode;
import io.tokenguardian.command.HelpCommand;
import io.tokenguardian.command.Version;
import io.tokenguardian.command.VersionCommand;
import io.tokenguardian.laptop.ExplainCommand;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** The top-level command. Without a subcommand it runs {@code serve}. */
@TopCommand
@Command(
        name = "token-guardian",
        description = "Delays a pod's start until the API server accepts the pod's service-account token.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {
            ServeCommand.class,
            WaitCommand.class,
            ExecCommand.class,
            CheckCommand.class,
            ExplainCommand.class,
            SettingsCommand.class,
            HelpCommand.class,
            VersionCommand.class
        },
        footerHeading = "%nExit codes of wait, check and explain, and of exec if it does not start the command:%n",
        footer = {
            "  0  accepted; explain: nothing is wrong with the pod's token",
            ExitCode.HELP,
            "  8  check --max-skew: accepted, but a replica's clock is further off",
            "  9  explain: the cause is not known",
            "Otherwise exec exits with the exit code of the command: 128 + n if signal n ended it,",
            "126 if the command can't be executed, 127 if it is not found.",
            "",
            "Settings are read from system properties and the environment, for example",
            "guardian.token.path or GUARDIAN_TOKEN_PATH. The settings command prints them all."
        })
public final class GuardianCommand implements Callable<Integer> {
    private final ServeCommand serve;

    GuardianCommand(ServeCommand serve) {
        this.serve = serve;
    }

    @Override
    public Integer call() throws InterruptedException {
        return serve.call();
    }
}
