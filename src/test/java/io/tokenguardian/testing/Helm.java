package io.tokenguardian.testing;

import io.tokenguardian.Needed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** The program {@code helm} on {@code PATH}, unmodified. */
public final class Helm {
    private final String executable;

    private Helm(String executable) {
        this.executable = executable;
    }

    /** Finds Helm. Skips the test if it is missing, because Debian has no package of it. */
    public static Helm find() {
        Optional<Path> found = Needed.allOnPath("helm").findFirst();
        Assumptions.assumeTrue(found.isPresent(), "helm, https://helm.sh/docs/intro/install");
        return new Helm(found.orElseThrow().toString());
    }

    /** Returns the output. Throws an {@link AssertionError} with Helm's message if Helm fails. */
    public String run(String... arguments) {
        List<String> command = new ArrayList<>(List.of(executable));
        command.addAll(List.of(arguments));
        return Command.run(command);
    }
}
