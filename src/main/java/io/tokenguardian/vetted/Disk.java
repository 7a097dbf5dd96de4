package io.tokenguardian.vetted;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** The changes to a volume, one per method. The process may be killed after any of them. */
class Disk {
    private static final Set<PosixFilePermission> OWNER_ALONE = PosixFilePermissions.fromString("rw-------");

    /** With exactly this mode; fails if the path exists. */
    void makeDirectory(Path path, Set<PosixFilePermission> mode) throws IOException {
        Files.createDirectory(path);
        // the process's umask may have removed some permissions
        setMode(path, mode);
    }

    /** Flushes the file; fails if the path exists. No other user ever has more access than {@code mode} allows. */
    void makeFile(Path path, InputStream content, Set<PosixFilePermission> mode) throws IOException {
        try (FileChannel file =
                FileChannel.open(path, Set.of(CREATE_NEW, WRITE), PosixFilePermissions.asFileAttribute(OWNER_ALONE))) {
            setMode(path, mode);
            content.transferTo(Channels.newOutputStream(file));
            file.force(true);
        }
    }

    /**
     * Sets the mode, even if the umask does not allow it. Fails if another program has put a link in the file's place.
     * On JDK 25, only a {@link SecureDirectoryStream} does not follow the link.
     */
    private static void setMode(Path path, Set<PosixFilePermission> mode) throws IOException {
        try (DirectoryStream<Path> parent =
                Files.newDirectoryStream(path.toAbsolutePath().getParent())) {
            PosixFileAttributeView attributes = parent instanceof SecureDirectoryStream<Path> secure
                    ? secure.getFileAttributeView(
                            path.getFileName(), PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    : Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
            attributes.setPermissions(mode);
        }
    }

    void makeLink(Path link, Path target) throws IOException {
        Files.createSymbolicLink(link, target);
    }

    /** Moves {@code from} to {@code to} atomically, replacing an existing file. */
    void replace(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Deletes a file, a link or an empty directory, if it exists. */
    void delete(Path path) throws IOException {
        Files.deleteIfExists(path);
    }

    /** Flushes the entries of {@code directory} to the storage medium. */
    void sync(Path directory) throws IOException {
        try (FileChannel opened = FileChannel.open(directory, READ)) {
            opened.force(true);
        }
    }
}
