package io.tokenguardian.proxy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.Charset;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The file of the Unix socket. A socket left behind by an earlier process is removed. A socket on which another process
 * listens, or a file that is not a socket, causes an error and is left unchanged.
 *
 * <p>The umask determines the mode of a new socket's file, and Java can't set the umask. The socket is therefore bound
 * in a directory that only this user can enter. Its mode is set there, and it is then moved to its final path:
 *
 * <pre>
 *   makeRoom   mkdir .NAME, 0700
 *              (the caller binds .NAME/s)
 *   publish    chmod .NAME/s to 0660, rename it to NAME, rmdir .NAME
 * </pre>
 *
 * <p>To connect, a client needs only the path of the file, although the socket's own address remains {@code .NAME/s}.
 */
record UnixSocketFile(Path path) {

    /** The longest address that the JDK accepts, in bytes: the size of {@code sun_path} − 2 (UnixDomainSockets.c). */
    private static final int LONGEST_ADDRESS = 106;

    /** The mask for the file type in a file's mode, and the type of a socket (inode(7)). */
    private static final int TYPE = 0170000;

    private static final int SOCKET = 0140000;

    UnixDomainSocketAddress address() {
        return UnixDomainSocketAddress.of(path);
    }

    /**
     * Removes what an earlier process left behind, and creates the directory in which the socket is bound.
     *
     * @throws IOException if the path is taken or can't be written to; the message is a single human-readable line
     */
    UnixDomainSocketAddress makeRoom() throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            removeLeftOver();
        }
        int surplus = length(unpublished()) - LONGEST_ADDRESS;
        if (surplus > 0) {
            throw new IOException("guardian.proxy.unix-socket: " + path + " is too long; allowed are up to "
                    + (length(path) - surplus) + " bytes");
        }
        try {
            removeUnpublished();
            Files.createDirectory(
                    directory(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (FileSystemException e) {
            throw explained(e);
        }
        return UnixDomainSocketAddress.of(unpublished());
    }

    private void removeLeftOver() throws IOException {
        int mode = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if ((mode & TYPE) != SOCKET) {
            throw new IOException("guardian.proxy.unix-socket: " + path + " exists and is not a socket");
        }
        if (somebodyListens()) {
            throw new IOException("guardian.proxy.unix-socket: another process listens on " + path);
        }
        try {
            Files.delete(path);
        } catch (FileSystemException e) {
            throw explained(e);
        }
    }

    /** Throws if that can't be determined, for example because the socket belongs to another user. */
    private boolean somebodyListens() throws IOException {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return probe.connect(address());
        } catch (ConnectException e) { // refused
            return false;
        } catch (SocketException e) {
            throw new IOException(
                    "guardian.proxy.unix-socket: " + path + " is a socket on which another process may listen: "
                            + e.getMessage(),
                    e);
        }
    }

    /**
     * @throws IOException if the mode can't be set or the socket can't be moved; the message is a single human-readable
     *     line
     */
    void publish() throws IOException {
        try {
            Files.setPosixFilePermissions(unpublished(), PosixFilePermissions.fromString("rw-rw----"));
            Files.move(unpublished(), path, StandardCopyOption.ATOMIC_MOVE);
            Files.delete(directory());
        } catch (FileSystemException e) {
            throw explained(e);
        }
    }

    /** Removes the socket, whether published or not. */
    void remove() {
        try {
            Files.deleteIfExists(path);
            removeUnpublished();
        } catch (IOException e) {
            // Harmless. At its next start, the guardian notices that no process listens on the socket.
        }
    }

    private void removeUnpublished() throws IOException {
        if (Files.isDirectory(directory(), LinkOption.NOFOLLOW_LINKS)) {
            Files.deleteIfExists(unpublished());
            Files.delete(directory());
        }
    }

    private Path directory() {
        return path.resolveSibling("." + path.getFileName());
    }

    private Path unpublished() {
        return directory().resolve("s");
    }

    private static int length(Path path) {
        return path.toString().getBytes(Charset.defaultCharset()).length;
    }

    private IOException explained(FileSystemException failure) {
        return new IOException(
                "guardian.proxy.unix-socket: " + path + " can't be created: " + failure.getFile() + " "
                        + reason(failure),
                failure);
    }

    private static String reason(FileSystemException failure) {
        if (failure instanceof NoSuchFileException) {
            return "is in a directory that does not exist";
        }
        if (failure instanceof AccessDeniedException) {
            return "is in a directory that this container's user can't write to; for an emptyDir, set fsGroup in"
                    + " the pod's securityContext";
        }
        if (failure instanceof FileAlreadyExistsException || failure instanceof DirectoryNotEmptyException) {
            return "already exists, and is not the guardian's";
        }
        return failure.getReason() == null ? failure.getClass().getSimpleName() : failure.getReason();
    }
}
