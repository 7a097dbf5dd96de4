package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSessionContext;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class UpstreamTlsTest {

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noMoreSessionsAreKeptThanCanBeOfUse(boolean http2) throws Exception {
        // Given
        NioEventLoopGroup eventLoops = new NioEventLoopGroup(1);
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.Connection::awaitRelease)) {
            UpstreamTls tls = new UpstreamTls(server.address(), server.authority(), Duration.ofSeconds(5));
            SslHandler handler = tls.newHandler(ByteBufAllocator.DEFAULT, http2);

            // When
            Channel channel = new Bootstrap()
                    .group(eventLoops)
                    .channel(NioSocketChannel.class)
                    .handler(handler)
                    .connect(InetAddress.getLoopbackAddress(), server.address().port())
                    .sync()
                    .channel();
            handler.handshakeFuture().sync();

            // Then
            SSLSessionContext sessions = handler.engine().getSession().getSessionContext();
            assertThat(sessions.getSessionCacheSize()).isBetween(1, 64);
            channel.close().sync();
        } finally {
            eventLoops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }
}
