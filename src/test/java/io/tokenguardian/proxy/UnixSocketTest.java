package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenguardian.HangDetector;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnixSocketTest {

    @TempDir
    Path directory;

    @AutoClose
    private ScriptedServer server;

    private Path socket = Path.of("unset");

    @BeforeEach
    void start() throws IOException {
        server = ScriptedServer.answering("200 OK", "hello");
        socket = directory.resolve("proxy.sock");
    }

    private RunningProxy proxy() throws IOException {
        return RunningProxy.before(server, draft -> draft.unixSocket(socket)).using(Tokens.issuedAt(Instant.now()));
    }

    @Test
    void requestsAreServedOnASocketForItsUserAndGroup() throws IOException {
        try (RunningProxy proxy = proxy();
                RawCaller caller = proxy.call()) {
            assertThat(caller.get("/", "").readAnswer()).endsWith("hello");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-rw----");
        }
        assertThat(socket).doesNotExist();
    }

    /** A thread that starts before the proxy checks the permissions without a pause. */
    @Test
    void theSocketIsForItsUserAndGroupOnlyFromTheBeginning() throws Exception {
        CountDownLatch looking = new CountDownLatch(1);
        CompletableFuture<String> firstSeen = new CompletableFuture<>();
        Thread look = new Thread(() -> {
            while (!firstSeen.isDone()) {
                try {
                    firstSeen.complete(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
                } catch (NoSuchFileException e) {
                    looking.countDown();
                } catch (IOException e) {
                    firstSeen.completeExceptionally(e);
                }
            }
        });
        look.start();
        looking.await();

        try (RunningProxy proxy = proxy()) {
            assertThat(firstSeen).succeedsWithin(HangDetector.TIMEOUT).isEqualTo("rw-rw----");
            assertThat(proxy.addresses()).containsExactly(UnixDomainSocketAddress.of(socket));
        } finally {
            firstSeen.cancel(false);
            look.join();
        }
    }

    @Test
    void noOtherUserReachesTheSocketBeforeItIsPublished() throws IOException {
        UnixSocketFile file = new UnixSocketFile(socket);
        try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.bind(file.makeRoom());

            assertThat(socket).doesNotExist();
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(socket.resolveSibling(".proxy.sock"))))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void aSocketOfAProcessKilledBeforePublishingIsRemoved() throws IOException {
        try (ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            killed.bind(new UnixSocketFile(socket).makeRoom());
        }
        try (RunningProxy proxy = proxy();
                RawCaller caller = proxy.call()) {
            assertThat(caller.get("/", "").readAnswer()).endsWith("hello");
            assertThat(directory).isDirectoryNotContaining("glob:**/.*");
        }
        assertThat(directory).isEmptyDirectory();
    }

    @ParameterizedTest
    @CsvSource({"103, true", "104, false"})
    void aPathMayHave103Bytes(int length, boolean allowed) throws IOException {
        String start = directory + "/";
        socket = Path.of(start + "s".repeat(length - start.length()));
        if (allowed) {
            assertThatNoException().isThrownBy(() -> proxy().close());
        } else {
            assertThatThrownBy(() -> proxy().close())
                    .hasMessage("guardian.proxy.unix-socket: " + socket + " is too long; allowed are up to 103 bytes");
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aDirectoryThatDoesNotExistIsNamed() throws IOException {
        socket = directory.resolve("none/proxy.sock");
        assertThatThrownBy(() -> proxy().close())
                .hasMessage("guardian.proxy.unix-socket: " + socket + " can't be created: " + directory
                        + "/none/.proxy.sock is in a directory that does not exist");
    }

    @ParameterizedTest
    @ValueSource(strings = {".proxy.sock", ".proxy.sock/precious"})
    void anotherUsersFileWhereTheSocketIsBoundIsNotReplaced(String name) throws IOException {
        Path precious = directory.resolve(name);
        Files.createDirectories(precious.getParent());
        Files.writeString(precious, "precious");
        assertThatThrownBy(() -> proxy().close())
                .hasMessage("guardian.proxy.unix-socket: " + socket + " can't be created: " + directory
                        + "/.proxy.sock already exists, and is not the guardian's");
        assertThat(precious).hasContent("precious");
    }

    @Test
    void aSocketThatAProcessLeftBehindIsReplaced() throws IOException {
        try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            left.bind(UnixDomainSocketAddress.of(socket));
        }
        try (RunningProxy proxy = proxy();
                RawCaller caller = proxy.call()) {
            assertThat(caller.get("/", "").readAnswer()).endsWith("hello");
        }
    }

    @Test
    void aSocketInUseIsNotReplaced() throws IOException {
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(socket));
            assertThatThrownBy(() -> proxy().close())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another process listens on " + socket);
            assertThat(socket).exists();
        }
    }

    @Test
    void aNamedPipeIsNotReplaced() throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("mkfifo", socket.toString()).start().waitFor())
                .isZero();
        assertThatThrownBy(() -> proxy().close()).hasMessageContaining("is not a socket");
        assertThat(socket).exists();
    }

    @Test
    void aFileThatIsNotASocketIsNotReplaced() throws IOException {
        Files.writeString(socket, "precious");
        assertThatThrownBy(() -> proxy().close()).hasMessageContaining("is not a socket");
        assertThat(socket).hasContent("precious");
    }
}
