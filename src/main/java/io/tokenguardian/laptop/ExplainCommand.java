package io.tokenguardian.laptop;

import io.quarkus.arc.Unremovable;
import io.tokenguardian.command.ExitCode;
import io.tokenguardian.command.PrintingCommand;
import io.tokenguardian.command.Version;
import io.tokenguardian.token.PrintableText;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Provider;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
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

    enum Output {
        text,
        json,
        svg
    }

    @Parameters(paramLabel = "POD", description = "The pod's name, also as pod/NAME.")
    String pod = "";

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAMESPACE",
            description = "The pod's namespace (default: the context's namespace).")
    @Nullable
    String namespace;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "text|json|svg",
            description = "Output format: text for a person, JSON for a program, or an SVG picture for a ticket"
                    + " (default: ${DEFAULT-VALUE}).")
    Output output = Output.text;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = {"The kubeconfig.", "Default: KUBECONFIG, or ~/.kube/config."})
    @Nullable
    Path kubeconfig;

    @Option(
            names = "--context",
            paramLabel = "NAME",
            description = "The kubeconfig's context (default or empty: the current context).")
    @Nullable
    String context;

    @Option(
            names = "--connections",
            paramLabel = "N",
            description = "How many connections to open, 1 to 64 (default: ${DEFAULT-VALUE}).")
    int connections = KubeconfigOptions.DEFAULT_CONNECTIONS;

    ExplainCommand(Provider<CrossCheck> crossCheck) {
        this.crossCheck = crossCheck;
    }

    @Override
    public Integer call() {
        PodReport report;
        try {
            report = crossCheck
                    .get()
                    .explain(new CrossCheck.PodRequest(
                            kubeconfig,
                            KubeconfigOptions.given(context),
                            connections,
                            KubeconfigOptions.given(namespace),
                            pod.replaceFirst("^(pod|pods|po)/", "")));
        } catch (IllegalArgumentException e) {
            return failed(ExitCode.USAGE, e.getMessage());
        } catch (CrossCheck.FailedException e) {
            return failed(e.failure().exitCode(), e.getMessage());
        }
        print(
                switch (output) {
                    case text -> report.text();
                    case json -> PrintableText.json(report.json());
                    case svg -> report.svg();
                });
        return report.cause().exitCode();
    }
}
