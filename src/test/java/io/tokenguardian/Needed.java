package io.tokenguardian;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What some tests need on the machine that Maven does not supply. If it is missing, the test is skipped with a message
 * about what to do. With {@code CLIENTS=required} in the environment, as in CI, the test fails.
 */
public final class Needed {
    private Needed() {}

    /** Skips or fails the test unless {@code there} is true. */
    public static void isThere(boolean there, String remedy) {
        String message = "something that this test needs is missing on this machine: " + remedy;
        if (!there && "required".equals(System.getenv("CLIENTS"))) {
            fail(message);
        } else if (!there) {
            abort(message);
        }
    }

    /** Returns the program with this name in {@code PATH}. Skips or fails the test if it is missing. */
    public static String onPath(String name, String debianPackages) {
        Optional<Path> found = allOnPath(name).findFirst();
        isThere(found.isPresent(), "apt-get install " + debianPackages);
        return found.orElseThrow().toString();
    }

    /** All programs with that name, in the order of {@code PATH}. */
    public static Stream<Path> allOnPath(String name) {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable);
    }
}
