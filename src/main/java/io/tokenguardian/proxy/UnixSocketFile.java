package io.tokenguardian.proxy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The file of the Unix socket. A socket left behind by an earlier process is removed. A socket on which another process
 * listens, or a file that is not a socket, causes an error and is left unchanged.
 */
record UnixSocketFile(Path path) {

    /** The mask for the file type in a file's mode, and the type of a socket (inode(7)). */
    private static final int TYPE = 0170000;

    private static final int SOCKET = 0140000;

    UnixDomainSocketAddress address() {
        return UnixDomainSocketAddress.of(path);
    }

    /**
     * Removes what an earlier process left behind.
     *
     * @throws IOException if the path is taken; the message is a single human-readable line
     */
    void makeRoom() throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            removeLeftOver();
        }
    }

    private void removeLeftOver() throws IOException {
        int mode = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if ((mode & TYPE) != SOCKET) {
            throw new IOException("guardian.proxy.unix-socket: " + path + " exists and is not a socket");
        }
        if (somebodyListens()) {
            throw new IOException("guardian.proxy.unix-socket: another process listens on " + path);
        }
        Files.delete(path);
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

    /** Sets the mode, which the umask determines until then: usually, only this user can connect. */
    void openToGroup() throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
    }

    void remove() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // Harmless. At its next start, the guardian notices that no process listens on the socket.
        }
    }
}
