package io.tokenguardian.cli;

import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;

/** Implements {@code completion}: prints a completion script. picocli generates one script for both bash and zsh. */
@Dependent
@Unremovable
@Command(
        name = "completion",
        description = "Prints a script that completes commands and options in bash, zsh or fish.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        footer = {
            "%nIn bash and zsh: source <(token-guardian completion bash)",
            "In fish:         token-guardian completion fish | source"
        })
final class CompletionCommand extends PrintingCommand {
    enum Shell {
        bash,
        zsh,
        fish
    }

    @Parameters(paramLabel = "bash|zsh|fish", description = "The shell.")
    Shell shell = Shell.bash;

    @Override
    public Integer call() {
        CommandSpec root = spec().root();
        print(shell == Shell.fish ? FishCompletion.of(root) : AutoComplete.bash(root.name(), root.commandLine()));
        return ExitCode.ACCEPTED;
    }
}
