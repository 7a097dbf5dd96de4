package io.tokenguardian.cli;

import io.quarkus.arc.Unremovable;
import io.tokenguardian.command.ExitCode;
import io.tokenguardian.command.PrintingCommand;
import io.tokenguardian.command.Version;
import io.tokenguardian.config.Settings;
import io.tokenguardian.token.PrintableText;
import jakarta.enterprise.context.Dependent;
import org.eclipse.microprofile.config.Config;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Dependent
@Unremovable
@Command(
        name = "settings",
        description = "Prints every setting with its value, where the value comes from, and its default.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        footer = {"%nThe exit code is 2 if a setting is invalid.", "", "Example: token-guardian settings -o json"})
final class SettingsCommand extends PrintingCommand {
    private final Config config;

    enum Output {
        table,
        json
    }

    @Option(
            names = {"-o", "--output"},
            paramLabel = "table|json",
            description = "Output format: for a person or for a program (default: ${DEFAULT-VALUE}).")
    Output output = Output.table;

    SettingsCommand(Config config) {
        this.config = config;
    }

    @Override
    public Integer call() {
        Settings.Listing listing = Settings.list(config);
        SettingsText text = new SettingsText(listing);
        print(
                switch (output) {
                    case table -> text.table();
                    case json -> PrintableText.json(text.json());
                });
        return listing.isRight() ? ExitCode.ACCEPTED : ExitCode.USAGE;
    }
}
