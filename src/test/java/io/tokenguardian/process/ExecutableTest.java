package io.tokenguardian.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExecutableTest {
    private Path first = Path.of("unset");
    private Path second = Path.of("unset");
    private String path = "";

    @BeforeEach
    void make(@TempDir Path temporary) throws IOException {
        first = Files.createDirectory(temporary.resolve("first"));
        second = Files.createDirectory(temporary.resolve("second"));
        path = first + ":" + second;
    }

    @Test
    void aNameIsLookedForInTheOrderOfThePath() throws Exception {
        file(first, "tool", "rwxr-xr-x");
        file(second, "tool", "rwxr-xr-x");

        assertThat(Executable.find("tool", path)).isEqualTo(first.resolve("tool"));
    }

    @Test
    void aFileThatMayNotBeExecutedIsPassedOverForOneThatMay() throws Exception {
        file(first, "tool", "rw-r--r--");
        file(second, "tool", "rwxr-xr-x");

        assertThat(Executable.find("tool", path)).isEqualTo(second.resolve("tool"));
    }

    @Test
    void aNameWithASlashIsAPath() throws Exception {
        file(first, "tool", "rwxr-xr-x");

        assertThat(Executable.find(first + "/tool", null)).isEqualTo(first.resolve("tool"));
    }

    @Test
    void withoutAPathTheUsualDirectoriesAreSearched() throws Exception {
        assertThat(Executable.find("sh", null)).isEqualTo(Path.of("/bin/sh"));
    }

    @Test
    void aFileThatMayNotBeExecutedIs126() throws Exception {
        file(second, "tool", "rw-r--r--");

        assertNotStarted("tool", 126, second.resolve("tool") + " may not be executed");
        assertNotStarted(second + "/tool", 126, second.resolve("tool") + " may not be executed");
    }

    @Test
    void aDirectoryIs126() {
        assertNotStarted(first.toString(), 126, first + " is a directory");
    }

    @Test
    void aNameThatIsNowhereIs127() {
        assertNotStarted("tool", 127, "tool was not found in PATH");
        assertNotStarted("", 127, " was not found in PATH");
        assertNotStarted("\0", 127, "\0 was not found in PATH");
        assertNotStarted(first + "/tool", 127, first + "/tool does not exist");
    }

    private void assertNotStarted(String name, int exitCode, String message) {
        assertThatThrownBy(() -> Executable.find(name, path))
                .hasMessage(message)
                .isInstanceOfSatisfying(
                        CommandNotStartedException.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(exitCode));
    }

    private static void file(Path directory, String name, String mode) throws IOException {
        Files.setPosixFilePermissions(Files.createFile(directory.resolve(name)), PosixFilePermissions.fromString(mode));
    }
}
