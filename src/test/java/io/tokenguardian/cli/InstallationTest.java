package io.tokenguardian.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstallationTest {
    private Path executable = Path.of("unset");
    private Path directory = Path.of("unset");

    @BeforeEach
    void make(@TempDir Path temporary) throws IOException {
        executable = Files.writeString(temporary.resolve("program"), "the program");
        directory = temporary.resolve("new").resolve("bin");
    }

    @Test
    void theCopyIsOpenToAllAndAloneInItsDirectory() throws IOException {
        Path copy = InstallCommand.copy(executable, directory);

        assertThat(copy).isEqualTo(directory.resolve("token-guardian")).hasContent("the program");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)))
                .isEqualTo("rwxr-xr-x");
        assertThat(entries()).containsExactly(copy);
    }

    @Test
    void anEarlierCopyIsReplacedAndWhoeverHasItOpenGoesOn() throws IOException {
        Path copy = InstallCommand.copy(executable, directory);
        Object before = Files.getAttribute(copy, "unix:ino");

        InstallCommand.copy(executable, directory);

        assertThat(Files.getAttribute(copy, "unix:ino")).isNotEqualTo(before);
        assertThat(entries()).hasSize(1);
    }

    /** Another program replaces the unfinished copy by a link again and again. */
    @Test
    void aLinkInPlaceOfTheUnfinishedCopyIsNotFollowed() throws Exception {
        Path other = Files.writeString(executable.resolveSibling("other"), "another file");
        Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rw-------"));
        Path next = Files.createDirectories(directory).resolve(".token-guardian.tmp");
        AtomicBoolean done = new AtomicBoolean();
        Thread replacing = new Thread(() -> {
            while (!done.get()) {
                replaceByLink(next, other);
            }
        });
        replacing.start();

        for (int i = 0; i < 1_000; i++) {
            try {
                InstallCommand.copy(executable, directory);
            } catch (IOException e) {
                // a copy may fail, but must not change the other file
            }
        }

        done.set(true);
        replacing.join();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(other)))
                .isEqualTo("rw-------");
        assertThat(other).hasContent("another file");
    }

    private static void replaceByLink(Path file, Path target) {
        try {
            Files.delete(file);
            Files.createSymbolicLink(file, target);
        } catch (IOException e) {
            // the copy does not exist yet
        }
    }

    @Test
    void whatCantBeCopiedIsReportedInOneLineAndLeavesNothing() throws IOException {
        Path missing = executable.resolveSibling("missing");

        assertThatThrownBy(() -> InstallCommand.copy(missing, directory))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll(
                        directory.resolve("token-guardian") + " can't be written: ", missing.toString());
        assertThat(directory).doesNotExist();
    }

    @Test
    void aDirectoryBelowAFileIsSaidToBeNone() {
        assertThatThrownBy(() -> InstallCommand.copy(executable, executable))
                .isInstanceOf(IOException.class)
                .hasMessage(executable.resolve("token-guardian") + " can't be written: " + executable
                        + " already exists, and is not a directory");
    }

    private List<Path> entries() throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        }
    }
}
