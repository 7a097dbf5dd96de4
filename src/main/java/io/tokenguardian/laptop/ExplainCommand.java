package io.tokenguardian.laptop;

import io.quarkus.arc.Unremovable;
import io.tokenguardian.command.ExitCode;
import io.tokenguardian.command.PrintingCommand;
import io.tokenguardian.command.Version;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Provider;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Dependent
@Unremovable
@Command(
        name = "explain",
        description = {
            "Finds from outside the cluster why a pod's requests get 401.",
            "Names one cause, what to do, and what could not be checked. Changes nothing."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        footerHeading = "%nExit codes:%n",
        footer = {
            "  0  no fault was found",
            ExitCode.HELP,
            "     6 also if the pod has no token",
            "  9  the cause is not known",
            "",
            "Example: token-guardian explain -n shop web-0"
        })
public final class ExplainCommand extends PrintingCommand {
    private final Provider<CrossCheck> crossCheck;

    @Parameters(paramLabel = "POD", description = "The pod's name, also as pod/NAME.")
    String pod = "";

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAMESPACE",
            description = "The pod's namespace (default: the context's namespace).")
    @Nullable
    String namespace;

    @Mixin
    ReportOptions options = new ReportOptions();

    ExplainCommand(Provider<CrossCheck> crossCheck) {
        this.crossCheck = crossCheck;
    }

    @Override
    public Integer call() {
        ExplainReport report;
        try {
            report = crossCheck
                    .get()
                    .explain(
                            options.target(),
                            namespace == null || namespace.isEmpty() ? null : namespace,
                            pod.replaceFirst("^(pod|pods|po)/", ""));
        } catch (CheckFailedException e) {
            return failed(e.exitCode(), e.getMessage());
        }
        print(report.in(options.output));
        return report.cause().exitCode();
    }
}
