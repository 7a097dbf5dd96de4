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
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class UnixSocketTest {

    @TempDir
    Path directory;

    private Path socket = Path.of("unset");

    @BeforeEach
    void place() {
        socket = directory.resolve("proxy.sock");
    }

    private RunningProxy proxy(ScriptedServer server) throws IOException {
        return RunningProxy.before(server, draft -> draft.unixSocket(socket)).using(Tokens.issuedAt(Instant.now()));
    }

    private static ScriptedServer server() throws IOException {
        return new ScriptedServer(connection -> {
            while (!connection.readHead().isEmpty()) {
                connection.answer("200 OK", "hello");
            }
        });
    }

    @Test
    void requestsAreServedOnASocketForUserAndGroup() throws IOException {
        try (ScriptedServer server = server();
                RunningProxy proxy = proxy(server);
                RawCaller caller = proxy.call()) {
            assertThat(caller.get("/", "").readAnswer()).endsWith("hello");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-rw----");
        }
        assertThat(socket).doesNotExist();
    }

    @Test
    void aSocketThatAProcessLeftBehindIsReplaced() throws IOException {
        try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            left.bind(UnixDomainSocketAddress.of(socket));
        }
        try (ScriptedServer server = server();
                RunningProxy proxy = proxy(server);
                RawCaller caller = proxy.call()) {
            assertThat(caller.get("/", "").readAnswer()).endsWith("hello");
        }
    }

    @Test
    void aSocketOnWhichSomebodyListensIsLeftAlone() throws IOException {
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                ScriptedServer server = server()) {
            other.bind(UnixDomainSocketAddress.of(socket));
            assertThatThrownBy(() -> proxy(server).close())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another process listens on " + socket);
            assertThat(socket).exists();
        }
    }

    @Test
    void aFileThatIsNoSocketIsLeftAlone() throws IOException {
        Files.writeString(socket, "precious");
        try (ScriptedServer server = server()) {
            assertThatThrownBy(() -> proxy(server).close()).hasMessageContaining("is not a socket");
            assertThat(socket).hasContent("precious");
        }
    }
}
