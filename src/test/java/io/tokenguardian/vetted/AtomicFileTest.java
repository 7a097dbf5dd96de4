package io.tokenguardian.vetted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    private static final Set<PosixFilePermission> MODE = PosixFilePermissions.fromString("rw-r-----");

    private final BreakingDisk disk = new BreakingDisk();
    private Path path = Path.of("unset");

    @BeforeEach
    void make(@TempDir Path temporary) {
        path = temporary.resolve("new").resolve("file");
    }

    private void write(Disk disk, String content) throws IOException {
        new AtomicFile(path, disk).write(new ByteArrayInputStream(content.getBytes(UTF_8)), MODE);
    }

    @Test
    void aVolumeThatIsWritableAgainIsWrittenTo() throws IOException {
        disk.fault = "Read-only file system";
        assertThatThrownBy(() -> write(disk, "one")).isInstanceOf(IOException.class);
        disk.fault = null;

        write(disk, "one");

        assertThat(path).hasContent("one");
        try (Stream<Path> beside = Files.list(path.resolveSibling(""))) {
            assertThat(beside).containsExactly(path);
        }
    }

    @Test
    void aKillAtAnyTimeLeavesTheCompleteOldOrNewContent() throws IOException {
        for (int changes = 0; changes < 6; changes++) {
            write(disk, "one");

            try {
                write(new BreakingDisk().killAfter(changes), "two");
            } catch (BreakingDisk.Killed e) {
                // the test kills the write on purpose
            }

            assertThat(Files.readString(path)).isIn("one", "two");
        }
    }
}
