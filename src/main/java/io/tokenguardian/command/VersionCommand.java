package io.tokenguardian.command;

import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import picocli.CommandLine.Command;

@Dependent
@Unremovable
@Command(
        name = "version",
        description = "Prints the version.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
public final class VersionCommand extends PrintingCommand {
    private final Version version;

    public VersionCommand(Version version) {
        this.version = version;
    }

    @Override
    public Integer call() {
        print(String.join("\n", version.getVersion()) + "\n");
        return ExitCode.ACCEPTED;
    }
}
