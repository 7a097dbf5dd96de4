package io.tokenguardian.vetted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.token.TestTokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sends SIGKILL at random times to a process that writes continuously. Starting a JVM takes a hundred times as long as
 * a kill, so each process writes into fifty directories at the same time. A kill stops each of these writes at a random
 * point. Use {@code -Dvetted.kills=500 -Dvetted.writers=1} for a long run with a separate process and kill for each
 * write.
 */
class KilledWriterIT {
    private static final int KILLS = Integer.getInteger("vetted.kills", 10);
    private static final int WRITERS = Integer.getInteger("vetted.writers", 50);
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private final List<String> accepted =
            List.of(TestTokens.issuedAt(NOON).text(), TestTokens.issuedAt(NOON).text());
    private final String refused = TestTokens.issuedAt(NOON).text();

    @Test
    void aKillLeavesNoPartialFileAndNoRefusedToken(@TempDir Path temporary) throws Exception {
        List<Path> directories = IntStream.range(0, WRITERS)
                .mapToObj(writer -> temporary.resolve("vetted-" + writer))
                .toList();
        Path source = Files.createFile(temporary.resolve("source"));
        SplittableRandom random = new SplittableRandom(1);
        int found = 0;
        int halfway = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            killWhileItWrites(source, directories, random.nextInt(30_000));
            for (Path directory : directories) {
                found += holdsAnAcceptedToken(directory) ? 1 : 0;
                halfway += wasCutOffHalfway(directory) ? 1 : 0;
            }
        }
        int ends = KILLS * WRITERS;
        System.out.printf(
                "%d kills of %d writers: of %d writings %d were cut off halfway, and after %d there was a token%n",
                KILLS, WRITERS, ends, halfway, found);
        assertThat(halfway).as("writings that were cut off halfway").isGreaterThan(ends / 20);
    }

    private void killWhileItWrites(Path source, List<Path> directories, int micros) throws Exception {
        List<@Nullable Path> before = writings(directories);
        Process process = start(source, directories);
        try {
            await().pollInterval(Duration.ofMillis(2))
                    .until(() -> !process.isAlive() || haveAllChanged(before, writings(directories)));
            assertThat(process.waitFor(micros, TimeUnit.MICROSECONDS))
                    .as("the process has ended by itself")
                    .isFalse();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private boolean holdsAnAcceptedToken(Path directory) throws IOException {
        String token = read(directory.resolve("token"));
        if (token == null) {
            return false;
        }
        assertThat(token).isIn(accepted);
        assertThat(directory.resolve("ca.crt")).hasContent(token);
        assertThat(directory.resolve("namespace")).hasContent("shop");
        return true;
    }

    /** Whether the directory contains more than one version and the link. */
    private static boolean wasCutOffHalfway(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(entry -> entry.getFileName().toString().startsWith(".."))
                            .count()
                    > 2;
        }
    }

    private static boolean haveAllChanged(List<@Nullable Path> before, List<@Nullable Path> after) {
        return IntStream.range(0, before.size()).noneMatch(i -> {
            Path now = after.get(i);
            return now == null || now.equals(before.get(i));
        });
    }

    private static List<@Nullable Path> writings(List<Path> directories) throws IOException {
        List<@Nullable Path> writings = new ArrayList<>();
        for (Path directory : directories) {
            Path data = directory.resolve("..data");
            writings.add(Files.isSymbolicLink(data) ? Files.readSymbolicLink(data) : null);
        }
        return writings;
    }

    private static @Nullable String read(Path file) throws IOException {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private Process start(Path source, List<Path> directories) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                AlternatingWriter.class.getName(),
                source.toString()));
        command.addAll(accepted);
        command.add(refused);
        directories.forEach(directory -> command.add(directory.toString()));
        return new ProcessBuilder(command).inheritIO().start();
    }
}
