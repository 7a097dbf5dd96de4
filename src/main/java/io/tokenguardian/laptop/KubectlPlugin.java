package io.tokenguardian.laptop;

import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * For {@code kubectl token-guardian}, kubectl runs {@code kubectl-token_guardian}. Under that name, the program runs
 * {@code explain} if that is the first argument, and {@code check --kubeconfig} otherwise.
 */
public final class KubectlPlugin {
    private static final Pattern NAME = Pattern.compile("(.*/)?kubectl-token_guardian");
    private static final String KUBECONFIG = "--kubeconfig";

    private KubectlPlugin() {}

    /** Returns the arguments for the program. {@code executable}, by whose name it was started, is null if unknown. */
    public static String[] arguments(@Nullable String executable, String... arguments) {
        if (executable == null || !NAME.matcher(executable).matches()) {
            return arguments;
        }
        if (arguments.length > 0 && arguments[0].equals("explain")) {
            return arguments;
        }
        boolean named =
                Arrays.stream(arguments).anyMatch(each -> each.equals(KUBECONFIG) || each.startsWith(KUBECONFIG + "="));
        // The equals sign keeps picocli from treating the next argument as the file.
        Stream<String> before = named ? Stream.of("check") : Stream.of("check", KUBECONFIG + "=");
        return Stream.concat(before, Arrays.stream(arguments)).toArray(String[]::new);
    }
}
