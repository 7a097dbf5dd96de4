package io.tokenguardian.proxy.upstream;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.CertificateAuthority;
import io.tokenguardian.apiserver.ConnectFailure;
import io.tokenguardian.apiserver.Connector;
import io.tokenguardian.proxy.http.BufferShare;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.proxy.http.ReceiveBuffers;
import java.time.Duration;
import java.util.function.Consumer;
import jdk.net.ExtendedSocketOptions;

/** Opens connections to one address of the API server, and sets up each connection for requests. */
@SuppressWarnings("FutureReturnValueIgnored") // the channel ends even if close fails
public class UpstreamConnector {

    /**
     * After so many seconds of silence, the operating system probes the server; by default, Linux waits more than two
     * hours. If the server of a watch has vanished, only this ends the watch, after 30 s + 6 × 10 s = 90 s.
     */
    private static final int KEEPALIVE_IDLE = 30;

    /** The time for the response to each probe, in seconds. */
    private static final int KEEPALIVE_INTERVAL = 10;

    private static final int KEEPALIVE_PROBES = 6;

    /** Called on the event loop. */
    interface Outcome {
        void connected(Upstream upstream);

        void failed(ConnectionFault fault);
    }

    private final Connector connector;
    private final Consumer<Channel> onConnected;

    /** @param timeout the time limit for the TCP connection and, separately, for the TLS handshake */
    public UpstreamConnector(
            ApiServerAddress address, CertificateAuthority authority, Duration timeout, Consumer<Channel> onConnected) {
        this.connector = Connector.resuming(address, authority, timeout);
        this.onConnected = onConnected;
    }

    /** Opens a connection, and reports the result to {@code outcome}, now or later. */
    void connect(EventLoop eventLoop, UpstreamPool pool, Outcome outcome) {
        connector.connect(bootstrap(eventLoop, pool.context().share()), new Connector.Outcome() {
            @Override
            public void connected(Channel channel) {
                Upstream upstream = null;
                try {
                    onConnected.accept(channel);
                    upstream = Upstream.install(channel, pool);
                    outcome.connected(upstream);
                } catch (RuntimeException | Error e) {
                    ProxyLog.connectionFailed(channel, e);
                    channel.close();
                    if (upstream == null) {
                        outcome.failed(new ConnectionFault(
                                ProxyFault.UPSTREAM_UNREACHABLE, "a fault of the program, see the log", false));
                    }
                    throw e;
                }
            }

            @Override
            public void failed(ConnectFailure failure) {
                outcome.failed(ConnectionFault.of(failure));
            }
        });
    }

    private Bootstrap bootstrap(EventLoop eventLoop, BufferShare share) {
        Bootstrap bootstrap = new Bootstrap()
                .group(eventLoop)
                .channelFactory(NioSocketChannel::new)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), KEEPALIVE_IDLE)
                .option(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL), KEEPALIVE_INTERVAL)
                .option(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), KEEPALIVE_PROBES)
                // The server may respond and close while the proxy is still writing. The response must be read first.
                .option(ChannelOption.AUTO_CLOSE, false)
                .option(ChannelOption.RCVBUF_ALLOCATOR, ReceiveBuffers.ofUpstream(share));
        share.setLimits(bootstrap);
        return bootstrap;
    }
}
