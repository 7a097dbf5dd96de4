package io.tokenguardian.vetted;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenguardian.guardian.TokenStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.InstantSource;
import java.util.Set;
import java.util.function.Consumer;

/** Creates vetted directories for tests of other packages. They are updated at once, and are not synced to the disk. */
public final class VettedDirectories {
    private VettedDirectories() {}

    /** Updates the directory to match a status. */
    public interface Writer extends Consumer<TokenStatus> {}

    public static Writer writer(Path path, Path source) {
        ServiceAccountDirectory directory = new ServiceAccountDirectory(
                path,
                source,
                () -> "the CA".getBytes(UTF_8),
                VettedSettings.TokenContent.ACCEPTED,
                new FileAccess(null),
                new UnsyncedDisk(),
                InstantSource.system());
        return tokenStatus -> {
            try {
                directory.update(tokenStatus);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    private static final class UnsyncedDisk extends Disk {
        @Override
        void makeDirectory(Path path, Set<PosixFilePermission> mode) throws IOException {
            Files.createDirectory(path);
        }

        @Override
        void makeFile(Path path, InputStream content, Set<PosixFilePermission> mode) throws IOException {
            Files.copy(content, path);
        }

        @Override
        void sync(Path directory) {}
    }
}
