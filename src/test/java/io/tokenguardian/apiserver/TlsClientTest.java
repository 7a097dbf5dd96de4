package io.tokenguardian.apiserver;

import static io.tokenguardian.apiserver.ScriptedServer.SILENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.tokenguardian.apiserver.Connector.ServerCertificate;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TlsClientTest {
    private static final TestAuthority AUTHORITY = new TestAuthority("test");
    private static final TestAuthority.Identity IDENTITY = AUTHORITY.issue("127.0.0.1");

    private final EventLoopGroup eventLoops = new NioEventLoopGroup(1);

    private final Path ca = AUTHORITY.file();

    @AfterEach
    void tearDown() {
        eventLoops.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void aConnectionThatIsClosedDuringItsHandshakeIsUnreachable() {
        // Given
        AtomicReference<Channel> open = new AtomicReference<>();
        try (ScriptedServer silent = ScriptedServer.plain(request -> {
            open.get().close().syncUninterruptibly();
            return SILENCE;
        })) {
            TlsClient client = clientOf(silent.port());

            // When, then
            assertThatThrownBy(() -> client.connect(open::set).join())
                    .hasCauseInstanceOf(UnreachableException.class)
                    .hasMessageContaining("127.0.0.1:" + silent.port())
                    .hasMessageContaining("during the TLS handshake");
        }
    }

    @Test
    void theCertificateOutlivesItsConnection() throws Exception {
        // Given
        try (ScriptedServer server = ScriptedServer.tls(IDENTITY, request -> SILENCE)) {
            Channel channel = clientOf(server.port()).connect(opened -> {}).join();
            ApiServerAddress address = Prober.at(server);
            ServerCertificate whileOpen = TlsClient.certificate(channel, address);

            // When
            channel.close().syncUninterruptibly();
            awaitPipelineGone(channel);

            // Then
            assertThat(TlsClient.certificate(channel, address)).isEqualTo(whileOpen);
        }
    }

    private TlsClient clientOf(int port) {
        ApiServerAddress address = new ApiServerAddress("127.0.0.1", port, "127.0.0.1");
        Connector connector =
                Connector.notResuming(address, new CertificateAuthority(ca), Prober.GENEROUS.connect(), null);
        return new TlsClient(connector, eventLoops, InstantSource.system());
    }

    /** Netty removes the handlers on the event loop, after the channel is closed. */
    private static void awaitPipelineGone(Channel channel) {
        while (channel.pipeline().context(ProbeExchangeHandler.class) != null) {
            channel.eventLoop().submit(() -> {}).syncUninterruptibly();
        }
    }
}
