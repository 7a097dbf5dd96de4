package io.tokenguardian.vetted;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/** A file that is only ever replaced as a whole: a reader never finds a mixture of old and new content. */
final class AtomicFile {
    private final Path path;
    private final Path directory;
    private final Path next;
    private final Disk disk;

    AtomicFile(Path path, Disk disk) {
        Path absolute = path.toAbsolutePath();
        Path parent = absolute.getParent();
        this.path = absolute;
        this.directory = parent == null ? absolute : parent;
        this.next = absolute.resolveSibling("." + absolute.getFileName() + ".tmp");
        this.disk = disk;
    }

    void write(InputStream content, Set<PosixFilePermission> mode) throws IOException {
        Files.createDirectories(directory);
        // may have been left behind by a run that was killed while writing
        disk.delete(next);
        try {
            disk.makeFile(next, content, mode);
            disk.replace(next, path);
        } catch (IOException e) {
            cleanAfter(e);
            throw e;
        }
        disk.sync(directory);
    }

    private void cleanAfter(IOException failure) {
        try {
            disk.delete(next);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}
