package io.tokenguardian.proxy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The file of the Unix socket. One that a process left behind is removed; one on which somebody listens, or that is
 * no socket, is left alone and refused.
 */
record UnixSocketFile(Path path) {

    UnixDomainSocketAddress address() {
        return UnixDomainSocketAddress.of(path);
    }

    /**
     * Removes what is left of a process that is gone.
     *
     * @throws IOException one line for a person, if the place is taken
     */
    void makeRoom() throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        boolean other = !Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther();
        if (other) {
            throw new IOException("guardian.proxy.unix-socket: " + path + " exists and is not a socket");
        }
        if (somebodyListens()) {
            throw new IOException("guardian.proxy.unix-socket: another process listens on " + path);
        }
        Files.delete(path);
    }

    private boolean somebodyListens() {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return probe.connect(address());
        } catch (IOException e) {
            return false;
        }
    }

    /** Mode 0660: for this user and this group. */
    void restrict() throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
    }

    void remove() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // it is as good as gone: the next start finds that nobody listens on it
        }
    }
}
