package io.tokenguardian.apiserver;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.channels.ClosedChannelException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends one request at a time over {@code channel}, and collects its response. Any error or unsolicited data closes the
 * channel. Only for the event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // nothing waits until the channel is closed
final class ProbeExchange extends SimpleChannelInboundHandler<HttpObject> {

    private static final int SWITCHING_PROTOCOLS = 101;
    private static final int FINAL_STATUS = 200;

    private final Channel channel;
    private final InstantSource clock;
    private @Nullable CompletableFuture<ProbeResponse> pending;
    private int maxBody;
    private @Nullable HttpResponse head;
    private ByteBuf body = Unpooled.EMPTY_BUFFER;
    private Instant sentAt = Instant.MIN;
    private Instant receivedAt = Instant.MIN;

    ProbeExchange(Channel channel, InstantSource clock) {
        this.channel = channel;
        this.clock = clock;
    }

    Channel channel() {
        return channel;
    }

    /**
     * Call this only after the previous exchange has ended.
     *
     * @param largest the maximum size of the response's body in bytes
     * @param onSent receives the time just before the request is written
     */
    void start(
            FullHttpRequest request, int largest, Consumer<Instant> onSent, CompletableFuture<ProbeResponse> response) {
        pending = response;
        maxBody = largest;
        sentAt = clock.instant();
        onSent.accept(sentAt);
        channel.writeAndFlush(request).addListener(written -> {
            if (!written.isSuccess()) {
                fail(written.cause());
            }
        });
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject part) {
        // First, because any work before this would widen the bounds of the estimate of the replica's clock.
        Instant now = clock.instant();
        if (pending == null || part.decoderResult().isFailure()) {
            fail(Objects.requireNonNullElseGet(part.decoderResult().cause(), ClosedChannelException::new));
            return;
        }
        if (part instanceof HttpResponse response && isFinal(response)) {
            head = response;
            receivedAt = now;
            body = Unpooled.buffer();
        }
        if (part instanceof HttpContent content && head != null) {
            gather(head, content);
        }
    }

    /** 100, 102 and 103 precede the final response. 101 counts as final, because it ends HTTP on the connection. */
    private static boolean isFinal(HttpResponse response) {
        int status = response.status().code();
        return status >= FINAL_STATUS || status == SWITCHING_PROTOCOLS;
    }

    private void gather(HttpResponse response, HttpContent content) {
        if (body.readableBytes() + content.content().readableBytes() > maxBody) {
            fail(new TooLongFrameException());
            return;
        }
        body.writeBytes(content.content());
        if (content instanceof LastHttpContent) {
            int status = response.status().code();
            boolean reusable = HttpUtil.isKeepAlive(response) && status != SWITCHING_PROTOCOLS;
            CompletableFuture<ProbeResponse> ended = end();
            if (!reusable) {
                channel.close();
            }
            ended.complete(
                    new ProbeResponse(sentAt, receivedAt, status, response.headers(), body.toString(UTF_8), reusable));
        }
    }

    private void fail(Throwable cause) {
        end().completeExceptionally(cause);
        channel.close();
    }

    private CompletableFuture<ProbeResponse> end() {
        CompletableFuture<ProbeResponse> ended = pending;
        pending = null;
        head = null;
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
