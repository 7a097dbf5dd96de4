package io.tokenguardian.apiserver;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpMessage;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpUtil;
import java.nio.channels.ClosedChannelException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends one request at a time over {@code channel}, and reports its response. Any error or unsolicited data closes the
 * channel. Only for the event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // nothing waits until the channel is closed
final class ProbeExchange extends SimpleChannelInboundHandler<FullHttpResponse> {

    private static final int SWITCHING_PROTOCOLS = 101;
    private static final int FINAL_STATUS = 200;

    private final Channel channel;
    private final InstantSource clock;
    private @Nullable CompletableFuture<ProbeResponse> pending;
    private Instant sentAt = Instant.MIN;
    private Instant receivedAt = Instant.MIN;

    ProbeExchange(Channel channel, InstantSource clock) {
        this.channel = channel;
        this.clock = clock;
    }

    Channel channel() {
        return channel;
    }

    /** Creates the handler that must precede this handler, for bodies of at most {@code maxBody} bytes. */
    HttpObjectAggregator newAggregator(int maxBody) {
        return new HttpObjectAggregator(maxBody) {
            @Override
            protected FullHttpMessage beginAggregation(HttpMessage start, ByteBuf content) throws Exception {
                receivedAt = clock.instant();
                return super.beginAggregation(start, content);
            }
        };
    }

    /**
     * Call this only after the previous exchange has ended.
     *
     * @param onSent receives the time just before the request is written
     */
    void start(FullHttpRequest request, Consumer<Instant> onSent, CompletableFuture<ProbeResponse> response) {
        pending = response;
        sentAt = clock.instant();
        onSent.accept(sentAt);
        channel.writeAndFlush(request).addListener(written -> {
            if (!written.isSuccess()) {
                fail(written.cause());
            }
        });
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpResponse response) {
        int status = response.status().code();
        if (pending == null || response.decoderResult().isFailure()) {
            fail(Objects.requireNonNullElseGet(response.decoderResult().cause(), ClosedChannelException::new));
        } else if (isFinal(status)) {
            boolean reusable = HttpUtil.isKeepAlive(response) && status != SWITCHING_PROTOCOLS;
            String body = response.content().toString(UTF_8);
            CompletableFuture<ProbeResponse> ended = end();
            if (!reusable) {
                channel.close();
            }
            ended.complete(new ProbeResponse(sentAt, receivedAt, status, response.headers(), body, reusable));
        }
    }

    /** 100, 102 and 103 precede the final response. 101 counts as final, because it ends HTTP on the connection. */
    private static boolean isFinal(int status) {
        return status >= FINAL_STATUS || status == SWITCHING_PROTOCOLS;
    }

    private void fail(Throwable cause) {
        end().completeExceptionally(cause);
        channel.close();
    }

    private CompletableFuture<ProbeResponse> end() {
        CompletableFuture<ProbeResponse> ended = pending;
        pending = null;
        return ended == null ? new CompletableFuture<>() : ended;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(new ClosedChannelException());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(cause);
    }
}
