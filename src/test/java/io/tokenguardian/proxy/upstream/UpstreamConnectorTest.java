package io.tokenguardian.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioChannelOption;
import io.tokenguardian.HangDetector;
import io.tokenguardian.proxy.ScriptedServer;
import io.tokenguardian.proxy.http.ProxyFault;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class UpstreamConnectorTest {

    private final NioEventLoopGroup eventLoops = new NioEventLoopGroup(1);
    private final CompletableFuture<String> end = new CompletableFuture<>();

    @AutoClose
    private final ScriptedServer server = new ScriptedServer(connection -> end.complete(connection.readHead()));

    UpstreamConnectorTest() throws IOException {}

    @AfterEach
    void endLoops() {
        eventLoops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** Connects, and returns the channel or the fault. */
    private Object connect(Consumer<Channel> onConnected) throws Exception {
        EventLoop eventLoop = eventLoops.next();
        CompletableFuture<Object> result = new CompletableFuture<>();
        new UpstreamConnector(server.address(), server.authority(), HangDetector.TIMEOUT, onConnected)
                .connect(eventLoop, UpstreamPools.on(eventLoop, System::nanoTime), new UpstreamConnector.Outcome() {
                    @Override
                    public void connected(Upstream upstream) {
                        result.complete(upstream.channel());
                    }

                    @Override
                    public void failed(ConnectionFault fault) {
                        result.complete(fault.fault());
                    }
                });
        return result.get();
    }

    /** Only the operating system can distinguish a vanished peer from a silent peer. It is set to probe after 30 s. */
    @Test
    void aConnectionWhosePeerHasVanishedEndsAfterAMinuteAndAHalf() throws Exception {
        var options = ((Channel) connect(connected -> {})).config();
        assertThat(options.getOption(ChannelOption.SO_KEEPALIVE)).isTrue();
        int idle = options.getOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE));
        int interval = options.getOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL));
        int count = options.getOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT));
        assertThat(idle).isEqualTo(30);
        assertThat(idle + interval * count).isEqualTo(90);
    }

    @Test
    void aConnectionThatCantBeSetUpIsReportedAsFailed() throws Exception {
        Object fault = connect(connected -> {
            throw new IllegalStateException();
        });
        assertThat(fault).isEqualTo(ProxyFault.UPSTREAM_UNREACHABLE);
        assertThat(end.get()).as("the connection is closed").isEmpty();
    }
}
