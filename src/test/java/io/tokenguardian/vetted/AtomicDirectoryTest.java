package io.tokenguardian.vetted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenguardian.vetted.AtomicDirectory.VersionFile;
import io.tokenguardian.vetted.BreakingDisk.Killed;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicDirectoryTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    /** More than the number of changes that any write makes. */
    private static final int MANY = 100;

    private final BreakingDisk disk = new BreakingDisk();
    private Path path = Path.of("unset");
    private AtomicDirectory directory = new AtomicDirectory(path, disk, () -> NOON);

    @BeforeEach
    void make(@TempDir Path temporary) {
        path = temporary.resolve("serviceaccount");
        directory = new AtomicDirectory(path, disk, () -> NOON);
    }

    @Test
    void filesAreLinksIntoADirectoryNamedByTheTimeOfWriting() throws IOException {
        directory.write(files("one"));

        assertThat(Files.readSymbolicLink(path.resolve("token"))).hasToString("..data/token");
        assertThat(Files.readSymbolicLink(path.resolve("..data")).toString())
                .matches("\\.\\.2026_03_01_12_00_00\\.\\d+");
        assertThat(path.resolve("token")).hasContent("token one");
        assertThat(path.resolve("ca.crt")).hasContent("ca one");
    }

    @Test
    void aWriteLeavesNothingOfThePreviousWrite() throws IOException {
        directory.write(files("one"));

        directory.write(files("two"));

        assertThat(path.resolve("token")).hasContent("token two");
        assertThat(names(path)).hasSize(4).contains("token", "ca.crt", "..data");
    }

    @Test
    void theModeIsThatOfTheEntryWhateverTheUmask() throws IOException {
        directory.write(
                List.of(new VersionFile("token", new byte[] {1}, PosixFilePermissions.fromString("rw-rw-rw-"))));

        assertThat(mode(path.resolve("token"))).isEqualTo("rw-rw-rw-");
        assertThat(mode(path.resolve("..data"))).isEqualTo("rwxr-xr-x");
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void aKillAfterAnyChangeLeavesCompleteFilesOfASingleWrite() throws IOException {
        directory.write(files("one"));
        int kills = 0;
        for (int changes = 0; changes < MANY; changes++) {
            disk.killAfter(changes);
            try {
                directory.write(files("two"));
                break;
            } catch (Killed e) {
                kills++;
            }

            String token = Files.readString(path.resolve("token"));
            String number = token.substring("token ".length());
            assertThat(number).isIn("one", "two");
            assertThat(path.resolve("ca.crt")).hasContent("ca " + number);
            disk.killAfter(Integer.MAX_VALUE);
            directory.write(files("one"));
        }
        assertThat(kills).isGreaterThan(9);
    }

    @Test
    void aKillDuringTheFirstWriteLeavesAllFilesOrNone() throws IOException {
        int kills = 0;
        for (int changes = 0; changes < MANY; changes++) {
            Path fresh = path.resolve("fresh" + changes);
            try {
                new AtomicDirectory(fresh, new BreakingDisk().killAfter(changes), () -> NOON).write(files("one"));
                break;
            } catch (Killed e) {
                kills++;
            }
            if (Files.exists(fresh.resolve("token"))) {
                assertThat(fresh.resolve("token")).hasContent("token one");
                assertThat(fresh.resolve("ca.crt")).hasContent("ca one");
            } else {
                assertThat(Files.exists(fresh.resolve("ca.crt"))).isFalse(); // a dangling link may exist
            }
        }
        assertThat(kills).isGreaterThan(9);
    }

    @Test
    void theNextRunCleansUpAfterAKilledRun() throws IOException {
        directory.write(files("one"));
        for (int changes = 1; changes < 9; changes++) {
            try {
                new AtomicDirectory(path, new BreakingDisk().killAfter(changes), () -> NOON).write(files("two"));
            } catch (Killed e) {
                // the test checks what this run leaves
            }
        }

        directory.clean();

        assertThat(names(path)).hasSize(4).contains("token", "ca.crt", "..data");
    }

    @Test
    void cleaningKeepsFilesThatNoWriteCreated() throws IOException {
        Files.createDirectories(path.resolve("..other"));
        Files.createDirectories(path.resolve("2026_03_01_12_00_00.1"));

        directory.clean();

        assertThat(names(path)).containsExactlyInAnyOrder("..other", "2026_03_01_12_00_00.1");
    }

    @Test
    void cleaningDeletesALinkAndNotWhatItLeadsTo() throws IOException {
        Path key = Files.writeString(
                Files.createDirectory(path.resolveSibling("other")).resolve("key"), "a key");
        Files.createDirectories(path);
        Files.createSymbolicLink(path.resolve("..2026_01_01_00_00_00.7"), key.getParent());

        directory.clean();

        assertThat(key).hasContent("a key");
        assertThat(names(path)).isEmpty();
    }

    @Test
    void removingDeletesNothingOutsideTheDirectory() throws IOException {
        Path token = Files.writeString(
                Files.createDirectory(path.resolveSibling("other")).resolve("token"), "another");
        Files.createDirectories(path);
        Files.createSymbolicLink(path.resolve("..data"), token.getParent());

        directory.remove("token");

        assertThat(token).hasContent("another");
    }

    @Test
    void aDirectoryThatIsALinkIsRefusedAndUnchanged() throws IOException {
        Path target = Files.createDirectory(path.resolveSibling("other"));
        Files.createSymbolicLink(path, target);

        assertThatThrownBy(() -> directory.write(files("one")))
                .isInstanceOf(FileSystemException.class)
                .hasMessage(path + ": is a symbolic link, and is not followed");
        assertThat(target).isEmptyDirectory();
    }

    @Test
    void aFullVolumeLeavesTheFilesUnchanged() throws IOException {
        directory.write(files("one"));
        disk.fault = "No space left on device";

        assertThatThrownBy(() -> directory.write(files("two"))).isInstanceOf(FileSystemException.class);

        assertThat(path.resolve("token")).hasContent("token one");
        assertThat(names(path)).hasSize(4);
    }

    @Test
    void removingNeedsNoSpace() throws IOException {
        directory.write(files("one"));
        disk.fault = "No space left on device";

        directory.remove("token");

        assertThat(Files.exists(path.resolve("token"))).isFalse();
        assertThat(names(path.resolve("..data"))).containsExactly("ca.crt");
        assertThat(path.resolve("ca.crt")).hasContent("ca one");
    }

    @Test
    void aFileOfAnotherProgramIsNotReplaced() throws IOException {
        Files.createDirectories(path);
        Files.writeString(path.resolve("token"), "somebody's");

        assertThatThrownBy(() -> directory.write(files("one")))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("already exists, and is not the guardian's");
        assertThat(path.resolve("token")).hasContent("somebody's");
    }

    private static List<VersionFile> files(String number) {
        return List.of(entry("token", "token " + number), entry("ca.crt", "ca " + number));
    }

    private static VersionFile entry(String name, @Nullable String content) {
        return new VersionFile(
                name, String.valueOf(content).getBytes(UTF_8), PosixFilePermissions.fromString("rw-r-----"));
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).toList();
        }
    }
}
