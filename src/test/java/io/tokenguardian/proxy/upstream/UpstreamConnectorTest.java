package io.tokenguardian.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioChannelOption;
import io.tokenguardian.HangDetector;
import io.tokenguardian.proxy.ProxySettings.Keepalive;
import io.tokenguardian.proxy.ScriptedServer;
import io.tokenguardian.proxy.http.ProxyFault;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.Test;

class UpstreamConnectorTest {

    /** Only the operating system can distinguish a vanished peer from a silent peer. It is set to probe after 30 s. */
    @Test
    void aConnectionWhosePeerHasVanishedEndsAfterAMinuteAndAHalf() throws Exception {
        // Given
        NioEventLoopGroup eventLoops = new NioEventLoopGroup(1);
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.Connection::awaitRelease)) {
            EventLoop eventLoop = eventLoops.next();
            UpstreamConnector connector = new UpstreamConnector(
                    server.address(), server.authority(), HangDetector.TIMEOUT, Keepalive.DEFAULT, connected -> {});
            UpstreamPool pool = UpstreamPools.on(eventLoop, System::nanoTime);
            CompletableFuture<Channel> connected = new CompletableFuture<>();

            // When
            connector.connect(eventLoop, pool, new UpstreamConnector.Outcome() {
                @Override
                public void connected(Upstream upstream) {
                    connected.complete(upstream.channel());
                }

                @Override
                public void failed(ConnectionFault fault) {
                    connected.completeExceptionally(new AssertionError(fault.detail()));
                }
            });

            // Then
            var options = connected.get().config();
            assertThat(options.getOption(ChannelOption.SO_KEEPALIVE)).isTrue();
            int idle = options.getOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE));
            int interval = options.getOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL));
            int count = options.getOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT));
            assertThat(idle).isEqualTo(30);
            assertThat(idle + interval * count).isEqualTo(90);
        } finally {
            eventLoops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    @Test
    void aConnectionThatCantBeSetUpIsReportedAsFailed() throws Exception {
        // Given a connection whose set-up throws an exception
        NioEventLoopGroup eventLoops = new NioEventLoopGroup(1);
        CompletableFuture<String> end = new CompletableFuture<>();
        try (ScriptedServer server = new ScriptedServer(connection -> end.complete(connection.readHead()))) {
            EventLoop eventLoop = eventLoops.next();
            UpstreamConnector connector = new UpstreamConnector(
                    server.address(), server.authority(), HangDetector.TIMEOUT, Keepalive.DEFAULT, connected -> {
                        throw new IllegalStateException();
                    });
            List<ProxyFault> faults = new ArrayList<>();

            // When
            connector.connect(
                    eventLoop, UpstreamPools.on(eventLoop, System::nanoTime), new UpstreamConnector.Outcome() {
                        @Override
                        public void connected(Upstream upstream) {
                            throw new AssertionError();
                        }

                        @Override
                        public void failed(ConnectionFault fault) {
                            faults.add(fault.fault());
                        }
                    });

            // Then, after the connection is closed
            assertThat(end.get()).isEmpty();
            eventLoop.submit(() -> {}).get();
            assertThat(faults).containsExactly(ProxyFault.UPSTREAM_UNREACHABLE);
        } finally {
            eventLoops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }
}
