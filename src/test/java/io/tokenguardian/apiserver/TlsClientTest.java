package io.tokenguardian.apiserver;

import static io.tokenguardian.apiserver.ScriptedServer.SILENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsClientTest {
    private static final TestAuthority AUTHORITY = new TestAuthority("test");
    private static final TestAuthority.Identity IDENTITY = AUTHORITY.issue("127.0.0.1");

    private final EventLoopGroup eventLoops = new NioEventLoopGroup(1);

    @TempDir
    Path directory;

    private Path ca;

    @BeforeEach
    void setUp() throws IOException {
        ca = Files.writeString(directory.resolve("ca.crt"), AUTHORITY.pem());
    }

    @AfterEach
    void tearDown() {
        eventLoops.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void aConnectionThatEndsBeforeItsHandshakeIsWaitedForIsUnreachable() throws IOException {
        // Given
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            TlsClient client = clientOf(silent.getLocalPort());

            // When, then
            assertThatThrownBy(() -> client.connect(channel -> end(channel, silent)))
                    .isInstanceOf(UnreachableException.class)
                    .hasMessageContaining("127.0.0.1:" + silent.getLocalPort())
                    .hasMessageContaining("during the TLS handshake");
        }
    }

    @Test
    void theCertificateOutlivesItsConnection() throws Exception {
        // Given
        try (ScriptedServer server = ScriptedServer.tls(IDENTITY, request -> SILENCE)) {
            Channel channel = clientOf(server.port()).connect(opened -> {});
            String whileOpen = TlsClient.certificate(channel);

            // When
            channel.close().syncUninterruptibly();
            awaitPipelineGone(channel);

            // Then
            assertThat(TlsClient.certificate(channel)).isEqualTo(whileOpen);
        }
    }

    private TlsClient clientOf(int port) {
        return new TlsClient(
                new ApiServerAddress("127.0.0.1", port, "127.0.0.1"),
                new CertificateAuthority(ca),
                eventLoops,
                InstantSource.system(),
                Asking.GENEROUS);
    }

    /** Has the other side hang up as soon as it has taken the connection, and returns when all of that is over. */
    private static void end(Channel channel, ServerSocket listener) {
        try {
            listener.accept().close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        channel.closeFuture().syncUninterruptibly();
        awaitPipelineGone(channel);
    }

    /** Netty takes the handlers out in the event loop, after the channel is closed. */
    private static void awaitPipelineGone(Channel channel) {
        while (channel.pipeline().context(ExchangeHandler.class) != null) {
            channel.eventLoop().submit(() -> {}).syncUninterruptibly();
        }
    }
}
