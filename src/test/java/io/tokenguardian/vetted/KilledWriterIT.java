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
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGKILL at random moments to a process that writes all the time; {@code -Dvetted.kills=500} for a long run. */
class KilledWriterIT {
    private static final int KILLS = Integer.getInteger("vetted.kills", 5);
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void noKillLeavesAHalfFileOrARefusedToken(@TempDir Path temporary) throws Exception {
        List<String> accepted = List.of(
                TestTokens.issuedAt(NOON).text(), TestTokens.issuedAt(NOON).text());
        Path directory = temporary.resolve("vetted");
        Path source = Files.createFile(temporary.resolve("source"));
        SplittableRandom random = new SplittableRandom(1);
        int found = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            Path before = writing(directory);
            Process writer = start(directory, source, accepted);
            try {
                await().atMost(Duration.ofSeconds(30))
                        .pollInterval(Duration.ofMillis(2))
                        .until(() -> !writer.isAlive() || !Objects.equals(before, writing(directory)));
                assertThat(writer.waitFor(random.nextInt(30_000), TimeUnit.MICROSECONDS))
                        .as("the writer has ended by itself")
                        .isFalse();
            } finally {
                writer.destroyForcibly().waitFor();
            }
            String token = read(directory.resolve("token"));
            if (token != null) {
                found++;
                assertThat(token).isIn(accepted);
                assertThat(directory.resolve("ca.crt")).hasContent(token);
                assertThat(directory.resolve("namespace")).hasContent("shop");
            }
        }
        System.out.printf("%d kills; after %d of them there was a token%n", KILLS, found);
    }

    private static @Nullable Path writing(Path directory) throws IOException {
        Path data = directory.resolve("..data");
        return Files.isSymbolicLink(data) ? Files.readSymbolicLink(data) : null;
    }

    private static @Nullable String read(Path file) throws IOException {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private static Process start(Path directory, Path source, List<String> accepted) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        AlternatingWriter.class.getName(),
                        directory.toString(),
                        source.toString(),
                        accepted.get(0),
                        accepted.get(1),
                        TestTokens.issuedAt(NOON).text())
                .inheritIO()
                .start();
    }
}
