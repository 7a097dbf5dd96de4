package io.tokenguardian.vetted;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A file that is replaced as a whole: whoever opens it finds one writing or the next, and never a part. */
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

    /**
     * Puts this content in the place of what was there; a failure leaves that as it was.
     *
     * @param group whose it becomes; null leaves it to the file system
     */
    void write(byte[] content, Set<PosixFilePermission> mode, @Nullable GroupPrincipal group) throws IOException {
        Files.createDirectories(directory);
        // Of a run that was killed while it wrote.
        disk.delete(next);
        try {
            disk.makeFile(next, content, mode, group);
            disk.replace(next, path);
        } catch (IOException e) {
            cleanAfter(e);
            throw e;
        }
        disk.sync(directory);
    }

    /** Takes the file away, for which no room on the volume is needed. A directory is not this one's to remove. */
    void remove() throws IOException {
        disk.delete(next);
        if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            disk.delete(path);
        }
    }

    private void cleanAfter(IOException failure) {
        try {
            disk.delete(next);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}
