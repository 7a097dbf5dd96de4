package io.tokenguardian.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.io.TempDir;

/**
 * Memory of the native executable at startup. Startup maps most of the code into memory, but little of it stays mapped.
 */
@EnabledIfSystemProperty(
        named = "native.image.path",
        matches = ".+",
        disabledReason = "a JVM's code is no file's, and its heap another")
class StartupMemoryIT {

    @Test
    void codeIsReleasedAlsoWhileNoTokenIsAccepted(@TempDir Path directory) throws Exception {
        try (World world = World.of(1, directory)) {
            world.mount("no token");
            try (Program serving = Program.start(world.environment(), "serve")) {
                await().until(() -> serving.out().contains("verdict=unreadable"));

                await().until(() -> mappedOfCode(serving.pid()) < 0.5);
            }
        }
    }

    /**
     * Measured: 7,300 kB, or 9,600 kB if the garbage from the startup is kept. The test sends no request, which would
     * add to it.
     */
    @Test
    @EnabledOnOs(architectures = "amd64")
    void theHeapShrinksAfterStartup(@TempDir Path directory) throws Exception {
        try (World world = World.of(1, directory);
                Program serving = Program.start(world.environment(), "serve")) {
            await().until(() -> serving.out().contains("verdict=accepted"));
            await().until(() -> mappedOfCode(serving.pid()) < 0.15);

            assertThat(anonymousKilobytes(serving.pid())).isLessThan(8_700);
        }
    }

    /** Returns the resident memory that is not backed by a file. */
    private static long anonymousKilobytes(long pid) throws IOException {
        return kilobytes(Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")), "RssAnon:");
    }

    /** Returns the resident part of the largest code mapping, from 0 to 1. */
    private static double mappedOfCode(long pid) throws IOException {
        Code code = largestCode(pid);
        return (double) code.mapped() / code.size();
    }

    /** A code mapping; sizes are in KiB. */
    private record Code(long size, long mapped) {}

    private static Code largestCode(long pid) throws IOException {
        List<String> lines = Files.readAllLines(Path.of("/proc", Long.toString(pid), "smaps"));
        return IntStream.range(0, lines.size())
                .filter(i -> lines.get(i).contains(" r-xp "))
                .mapToObj(i -> new Code(kilobytes(lines, i, "Size:"), kilobytes(lines, i, "Rss:")))
                .max(Comparator.comparingLong(Code::size))
                .orElseThrow();
    }

    private static long kilobytes(List<String> lines, int mapping, String key) {
        return kilobytes(lines.subList(mapping + 1, lines.size()), key);
    }

    private static long kilobytes(List<String> lines, String key) {
        String found =
                lines.stream().filter(line -> line.startsWith(key)).findFirst().orElseThrow();
        return Long.parseLong(found.replaceAll("\\D", ""));
    }
}
