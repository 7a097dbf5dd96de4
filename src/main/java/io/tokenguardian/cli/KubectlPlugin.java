package io.tokenguardian.cli;

import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The program as {@code kubectl token-guardian}: kubectl runs the executable {@code kubectl-token_guardian} for that.
 * It is {@code explain} then if that is the first word, else {@code check --kubeconfig}.
 */
final class KubectlPlugin {
    private static final Pattern NAME = Pattern.compile("(.*[/\\\\])?kubectl-token_guardian([.]exe)?");
    private static final String KUBECONFIG = "--kubeconfig";

    private KubectlPlugin() {}

    /**
     * The arguments for the program.
     *
     * @param executable how this run was called; null if unknown
     */
    static String[] arguments(@Nullable String executable, String... arguments) {
        if (executable == null || !NAME.matcher(executable).matches()) {
            return arguments;
        }
        if (arguments.length > 0 && arguments[0].equals("explain")) {
            return arguments;
        }
        boolean named =
                Arrays.stream(arguments).anyMatch(each -> each.equals(KUBECONFIG) || each.startsWith(KUBECONFIG + "="));
        // With the equals sign, since picocli would take the next argument for the file otherwise.
        Stream<String> before = named ? Stream.of("check") : Stream.of("check", KUBECONFIG + "=");
        return Stream.concat(before, Arrays.stream(arguments)).toArray(String[]::new);
    }
}
