package io.tokenguardian.laptop;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options with which {@code check} checks all API server replicas from outside the cluster. */
public final class KubeconfigOptions {
    static final int DEFAULT_CONNECTIONS = 25;

    /** An empty path means kubectl's default. */
    @Option(
            names = "--kubeconfig",
            arity = "0..1",
            fallbackValue = "",
            paramLabel = "FILE",
            description = {
                "Checks from outside the cluster which replicas accept the tokens that each of them issues.",
                "Without FILE: KUBECONFIG, or ~/.kube/config."
            })
    @Nullable
    Path file;

    @Option(
            names = "--context",
            paramLabel = "NAME",
            description = "With --kubeconfig: the context (default or empty: the current context).")
    @Nullable
    String context;

    @Option(
            names = "--connections",
            paramLabel = "N",
            description = "With --kubeconfig: how many connections to open, 1 to 64 (default: 25).")
    @Nullable
    Integer connections;

    @Option(
            names = "--service-account",
            paramLabel = "NAMESPACE/NAME",
            description = "With --kubeconfig: the account for which ten-minute tokens are issued (default:"
                    + " default/default).")
    @Nullable
    String serviceAccount;

    static @Nullable String given(@Nullable String value) {
        return value == null || value.isEmpty() ? null : value;
    }

    /**
     * Returns what to check; null without {@code --kubeconfig}.
     *
     * @throws IllegalArgumentException with a one-line message, if an option is invalid or needs {@code --kubeconfig}
     */
    public CrossCheck.@Nullable Request request() {
        if (file == null) {
            if (context != null || connections != null || serviceAccount != null) {
                String option =
                        context != null ? "--context" : connections != null ? "--connections" : "--service-account";
                throw new IllegalArgumentException(option + " is allowed only with --kubeconfig");
            }
            return null;
        }
        return request(file);
    }

    /** For a program that always uses a kubeconfig, by default kubectl's. */
    CrossCheck.Request outside() {
        return request(file == null ? Path.of("") : file);
    }

    private CrossCheck.Request request(Path kubeconfig) {
        return new CrossCheck.Request(
                kubeconfig.toString().isEmpty() ? null : kubeconfig,
                given(context),
                connections == null ? DEFAULT_CONNECTIONS : connections,
                serviceAccount == null ? "default/default" : serviceAccount);
    }
}
