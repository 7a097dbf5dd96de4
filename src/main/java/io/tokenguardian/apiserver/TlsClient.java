package io.tokenguardian.apiserver;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import io.tokenguardian.apiserver.Connector.ServerCertificate;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Makes HTTP/1.1 connections to the API server. None of them resumes a TLS session. */
final class TlsClient {

    static final int MAX_HEAD = 16 << 10;

    /** Kept here too, because the pipeline is removed as soon as the other side closes the channel. */
    private static final AttributeKey<SslHandler> TLS = AttributeKey.valueOf(TlsClient.class, "tls");

    private static final int MAX_STATUS_LINE = 4 << 10;
    private static final int MAX_CHUNK = 8 << 10;

    private final Connector connector;
    private final Bootstrap bootstrap;
    private final InstantSource clock;

    TlsClient(Connector connector, EventLoopGroup eventLoops, InstantSource clock) {
        this.connector = connector;
        this.bootstrap = new Bootstrap().group(eventLoops);
        this.clock = clock;
    }

    /**
     * Returns at once. The future completes after the TLS handshake, or fails with an {@link UnreachableException}.
     *
     * @param opened receives each channel that is tried, on its event loop; any thread may close it at any time
     */
    CompletableFuture<Channel> connect(Consumer<Channel> opened) {
        CompletableFuture<Channel> made = new CompletableFuture<>();
        connector.connect(bootstrap, new Connector.Outcome() {
            @Override
            public void opened(Channel channel) {
                opened.accept(channel);
            }

            @Override
            public void connected(Channel channel) {
                channel.attr(TLS).set(channel.pipeline().get(SslHandler.class));
                channel.pipeline()
                        .addLast(
                                new HttpClientCodec(MAX_STATUS_LINE, MAX_HEAD, MAX_CHUNK),
                                new ProbeExchangeHandler(clock));
                made.complete(channel);
            }

            @Override
            public void failed(ConnectFailure failure) {
                made.completeExceptionally(new UnreachableException(failure.explanation()));
            }
        });
        return made;
    }

    static ServerCertificate certificate(Channel channel, ApiServerAddress address) {
        return ServerCertificate.of(
                Objects.requireNonNull(channel.attr(TLS).get(), "a connection without TLS"), address);
    }
}
