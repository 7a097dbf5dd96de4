package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketTest extends ScriptedProxyTest {

    @TempDir
    Path directory;

    private Path socket = Path.of("unset");

    @BeforeEach
    void setSocket() {
        socket = directory.resolve("proxy.sock");
    }

    private void start() throws IOException {
        start(ScriptedServer.always("200 OK", "hello"), draft -> draft.unixSocket(socket))
                .using(Tokens.issuedAt(Instant.now()));
    }

    @Test
    void requestsAreServedOnASocketForItsUserAndGroup() throws IOException {
        start();
        assertThat(caller.get("/", "").readAnswer()).endsWith("hello");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-rw----");

        proxy.close();

        assertThat(socket).doesNotExist();
    }

    @Test
    void aDirectoryThatDoesNotExistIsAnErrorThatNamesTheSetting() throws IOException {
        socket = directory.resolve("none/proxy.sock");
        assertThatThrownBy(this::start)
                .hasMessage("guardian.proxy.unix-socket: can't listen on " + socket + ": No such file or directory");
    }

    @Test
    void aPathAboveTheLimitOfTheSystemIsAnErrorThatNamesTheSetting() throws IOException {
        socket = directory.resolve("s".repeat(100));
        assertThatThrownBy(this::start)
                .hasMessage("guardian.proxy.unix-socket: can't listen on " + socket + ": Unix domain path too long");
    }

    @Test
    void aSocketThatAProcessLeftBehindIsReplaced() throws IOException {
        try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            left.bind(UnixDomainSocketAddress.of(socket));
        }
        start();
        assertThat(caller.get("/", "").readAnswer()).endsWith("hello");
    }

    @Test
    void aSocketInUseIsNotReplaced() throws IOException {
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(socket));
            assertThatThrownBy(this::start)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another process listens on " + socket);
            assertThat(socket).exists();
        }
    }

    @Test
    void aNamedPipeIsNotReplaced() throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("mkfifo", socket.toString()).start().waitFor())
                .isZero();
        assertThatThrownBy(this::start).hasMessageContaining("is not a socket");
        assertThat(socket).exists();
    }

    @Test
    void aFileThatIsNotASocketIsNotReplaced() throws IOException {
        Files.writeString(socket, "precious");
        assertThatThrownBy(this::start).hasMessageContaining("is not a socket");
        assertThat(socket).hasContent("precious");
    }
}
