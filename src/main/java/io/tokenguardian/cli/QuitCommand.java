package io.tokenguardian.cli;

import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Implements {@code quit}: sends {@code POST /quit}, for images without an HTTP client. */
@Dependent
@Unremovable
@Command(
        name = "quit",
        description = {
            "Ends the guardian that serves in this pod, as POST /quit does.",
            "Finds it by quarkus.http.host and quarkus.http.port."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        footer = {
            "%nThe exit code is 0 if the guardian ends, 1 if no guardian was reached,",
            "2 for incorrect usage or an invalid setting."
        })
final class QuitCommand extends PrintingCommand {
    private final QuitRequest request;

    QuitCommand(QuitRequest request) {
        this.request = request;
    }

    @Override
    public Integer call() {
        try {
            request.send();
            return ExitCode.ACCEPTED;
        } catch (IOException e) {
            return failed(CommandLine.ExitCode.SOFTWARE, "quit: " + e.getMessage());
        }
    }
}
