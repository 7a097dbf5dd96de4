package io.tokenguardian.standin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The volume has the same structure as kubelet's (docs/api-server.md, kubelet's token volume). */
@NullUnmarked
class ProjectedVolumeTest {

    @TempDir
    Path directory;

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void isSymlinksThroughDataIntoATimestampedDirectory() throws Exception {
        // When
        ProjectedVolume volume = ProjectedVolume.create(directory, "first", "ca", "default");
        // Then
        assertThat(Files.readString(volume.token())).isEqualTo("first");
        assertThat(Files.readString(volume.ca())).isEqualTo("ca");
        assertThat(Files.readString(volume.namespace())).isEqualTo("default");
        assertThat(Files.readSymbolicLink(volume.token())).isEqualTo(Path.of("..data/token"));
        assertThat(Files.readSymbolicLink(directory.resolve("..data")).toString())
                .matches("\\.\\.\\d{4}(_\\d\\d){5}\\.\\d+");
        assertThat(names(directory)).hasSize(5).contains("..data", "ca.crt", "namespace", "token");
    }

    @Test
    void staysUntouchedWhenTheTokenIsTheSame() throws Exception {
        // Given
        ProjectedVolume volume = ProjectedVolume.create(directory, "first", "ca", "default");
        Path before = volume.token().toRealPath();
        // When
        volume.rotate("first");
        // Then
        assertThat(volume.token().toRealPath()).isEqualTo(before);
    }

    @Test
    void isANewDirectoryAfterARotation() throws Exception {
        // Given
        ProjectedVolume volume = ProjectedVolume.create(directory, "first", "ca", "default");
        Path before = volume.token().toRealPath();

        // When
        volume.rotate("second", "other");

        // Then
        assertThat(Files.readString(volume.token())).isEqualTo("second");
        assertThat(volume.token().toRealPath()).isNotEqualTo(before);
    }

    @Test
    void givesTheTokenTheModeThatWasAskedFor() throws Exception {
        // When
        ProjectedVolume volume = ProjectedVolume.create(directory, "first", "ca", "default", "rw-r-----");
        // Then
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(volume.token())))
                .isEqualTo("rw-r-----");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(volume.ca())))
                .isEqualTo("rw-r--r--");
    }

    @Test
    void takesThePlaceOfAnEarlierVolume() throws Exception {
        // Given
        ProjectedVolume.create(directory, "first", "ca", "default");
        // When
        ProjectedVolume volume = ProjectedVolume.create(directory, "second", "other", "default");
        // Then
        assertThat(Files.readString(volume.ca())).isEqualTo("other");
        assertThat(names(directory)).hasSize(5);
    }
}
