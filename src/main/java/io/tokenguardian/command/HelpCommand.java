package io.tokenguardian.command;

import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

@Dependent
@Unremovable
@Command(
        name = "help",
        description = "Prints the help for a command, or for the program.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
public final class HelpCommand extends PrintingCommand {
    @Parameters(arity = "0..1", paramLabel = "COMMAND", description = "The command.")
    @Nullable
    String command;

    @Override
    public Integer call() {
        CommandLine root = spec().root().commandLine();
        CommandLine described = command == null ? root : root.getSubcommands().get(command);
        if (described == null) {
            throw new ParameterException(
                    spec().commandLine(),
                    "help: \"" + command + "\" is not a command; allowed is "
                            + String.join(", ", root.getSubcommands().keySet()));
        }
        print(described.getUsageMessage());
        return ExitCode.ACCEPTED;
    }
}
