package io.tokenguardian.it;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * In a shell without job control, background jobs and their children, including JVMs, ignore SIGINT. A program that
 * must handle SIGINT is started with {@code env}, which restores the default action.
 */
final class Sigint {
    private static final int IGNORED = 1 << (2 - 1);

    /** The prefix for a command. */
    static final List<String> PREFIX = isIgnored() && resets() ? List.of("env", "--default-signal=INT") : List.of();

    private Sigint() {}

    /** Skips the test if the programs that it starts would ignore SIGINT. */
    static void assumeNotIgnored() {
        assumeTrue(
                !isIgnored() || !PREFIX.isEmpty(),
                "SIGINT is ignored here, as in a background job, and env can't set its default (GNU coreutils 8.31)");
    }

    private static boolean isIgnored() {
        try {
            String mask = Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("SigIgn:"))
                    .map(line -> line.replaceFirst("SigIgn:\\s*", ""))
                    .findFirst()
                    .orElse("0");
            return (Long.parseUnsignedLong(mask, 16) & IGNORED) != 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean resets() {
        try {
            return new ProcessBuilder("env", "--default-signal=INT", "true")
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
