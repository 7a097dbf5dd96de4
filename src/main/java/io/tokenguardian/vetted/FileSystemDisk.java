package io.tokenguardian.vetted;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
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

public final class FileSystemDisk implements Disk {
    private static final Set<PosixFilePermission> OWNER_ALONE = PosixFilePermissions.fromString("rw-------");

    @Override
    public void makeDirectory(Path path, Set<PosixFilePermission> mode) throws IOException {
        Files.createDirectory(path);
        // the process's umask may have removed some permissions
        setMode(path, mode);
    }

    @Override
    public void makeFile(Path path, byte[] content, Set<PosixFilePermission> mode) throws IOException {
        try (FileChannel file =
                FileChannel.open(path, Set.of(CREATE_NEW, WRITE), PosixFilePermissions.asFileAttribute(OWNER_ALONE))) {
            setMode(path, mode);
            ByteBuffer left = ByteBuffer.wrap(content);
            while (left.hasRemaining()) {
                file.write(left);
            }
            file.force(true);
        }
    }

    /**
     * Sets the mode, even if the umask does not allow it. Fails if another program has put a link in the file's place.
     * On JDK 25, only a {@link SecureDirectoryStream} does not follow the link.
     */
    public static void setMode(Path path, Set<PosixFilePermission> mode) throws IOException {
        try (DirectoryStream<Path> parent =
                Files.newDirectoryStream(path.toAbsolutePath().getParent())) {
            PosixFileAttributeView attributes = parent instanceof SecureDirectoryStream<Path> secure
                    ? secure.getFileAttributeView(
                            path.getFileName(), PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    : Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
            attributes.setPermissions(mode);
        }
    }

    @Override
    public void makeLink(Path link, Path target) throws IOException {
        Files.createSymbolicLink(link, target);
    }

    @Override
    public void replace(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void delete(Path path) throws IOException {
        Files.deleteIfExists(path);
    }

    @Override
    public void sync(Path directory) throws IOException {
        try (FileChannel opened = FileChannel.open(directory, READ)) {
            opened.force(true);
        }
    }
}
