package io.tokenguardian.cli;

import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Implements {@code quit}: {@code POST /quit} for images without an HTTP client. */
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
            "%nThe exit code is 0 if the guardian ends, 1 if no guardian could be asked,",
            "2 for wrong usage or a wrong setting."
        })
final class QuitCommand implements Callable<Integer> {
    private final QuitRequest request;

    @Spec
    @Nullable
    CommandSpec spec;

    QuitCommand(QuitRequest request) {
        this.request = request;
    }

    @Override
    public Integer call() {
        CommandLine commandLine =
                Objects.requireNonNull(spec, "picocli sets it before it calls").commandLine();
        try {
            request.send();
            return ExitCode.ACCEPTED;
        } catch (IOException e) {
            commandLine.getErr().println("token-guardian: quit: " + e.getMessage());
            commandLine.getErr().flush();
            return CommandLine.ExitCode.SOFTWARE;
        }
    }
}
