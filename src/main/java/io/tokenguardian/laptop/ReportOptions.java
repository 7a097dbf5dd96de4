package io.tokenguardian.laptop;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of both {@code check} and {@code explain}: the output format, and the cluster. */
public final class ReportOptions {
    @Option(
            names = {"-o", "--output"},
            paramLabel = "text|json|svg",
            description = "Output format: text for a person, JSON for a program, or an SVG picture for a ticket"
                    + " (default: ${DEFAULT-VALUE}).")
    public OutputFormat output = OutputFormat.text;

    /** An empty path means kubectl's default. */
    @Option(
            names = "--kubeconfig",
            arity = "0..1",
            fallbackValue = "",
            paramLabel = "FILE",
            description = "The kubeconfig. Without FILE: KUBECONFIG, or ~/.kube/config.")
    @Nullable
    Path file;

    @Option(
            names = "--context",
            paramLabel = "NAME",
            description = "The kubeconfig's context (default or empty: the current context).")
    @Nullable
    String context;

    @Option(
            names = "--connections",
            paramLabel = "N",
            description = "With a kubeconfig: how many connections to open, 1 to 64 (default: ${DEFAULT-VALUE}).")
    int connections = 25;

    CrossCheck.ClusterTarget target() {
        return new CrossCheck.ClusterTarget(
                file == null || file.toString().isEmpty() ? null : file,
                context == null || context.isEmpty() ? null : context,
                connections);
    }
}
