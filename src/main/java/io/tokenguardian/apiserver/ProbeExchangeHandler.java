package io.tokenguardian.apiserver;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** Sends one request at a time, and collects its response. Any error or unsolicited data closes the connection. */
final class ProbeExchangeHandler extends SimpleChannelInboundHandler<HttpObject> {

    private static final int SWITCHING_PROTOCOLS = 101;
    private static final int FINAL_STATUS = 200;

    private final InstantSource clock;
    private @Nullable ProbeExchange pending;
    private @Nullable HttpResponse head;
    private Instant receivedAt = Instant.MIN;
    private @Nullable ByteBuf body;

    ProbeExchangeHandler(InstantSource clock) {
        this.clock = clock;
    }

    /** Starts an exchange. Call this on the event loop, and only after the previous exchange has ended. */
    void start(ChannelHandlerContext ctx, ProbeExchange exchange) {
        pending = exchange;
        exchange.markSent(clock.instant());
        ctx.writeAndFlush(exchange.request()).addListener(written -> {
            if (!written.isSuccess()) {
                fail(ctx, written.cause());
            }
        });
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject part) {
        // First, because any work before this would widen the bounds of the estimate of the replica's clock.
        Instant now = clock.instant();
        if (pending == null) {
            close(ctx);
            return;
        }
        DecoderResult decoded = part.decoderResult();
        if (decoded.isFailure()) {
            fail(ctx, decoded.cause());
            return;
        }
        if (part instanceof HttpResponse response && isFinal(response)) {
            head = response;
            receivedAt = now;
            body = ctx.alloc().buffer();
        }
        if (part instanceof HttpContent content && head != null && body != null) {
            gather(ctx, pending, head, body, content);
        }
    }

    /** 100, 102 and 103 precede the final response. 101 counts as final, because it ends HTTP on the connection. */
    private static boolean isFinal(HttpResponse response) {
        int status = response.status().code();
        return status >= FINAL_STATUS || status == SWITCHING_PROTOCOLS;
    }

    private void gather(
            ChannelHandlerContext ctx,
            ProbeExchange exchange,
            HttpResponse response,
            ByteBuf gathered,
            HttpContent content) {
        if (gathered.readableBytes() + content.content().readableBytes() > exchange.maxBody()) {
            fail(ctx, new TooLongFrameException());
            return;
        }
        gathered.writeBytes(content.content());
        if (content instanceof LastHttpContent) {
            finish(ctx, response, gathered.toString(UTF_8));
        }
    }

    private void finish(ChannelHandlerContext ctx, HttpResponse response, String text) {
        ProbeExchange exchange = end();
        int status = response.status().code();
        boolean lasting = HttpUtil.isKeepAlive(response) && status != SWITCHING_PROTOCOLS;
        if (!lasting) {
            close(ctx);
        }
        Instant sentAt = exchange == null ? null : exchange.sentAt();
        if (exchange != null && sentAt != null) {
            exchange.response()
                    .trySuccess(
                            new ProbeExchange.Response(sentAt, receivedAt, status, response.headers(), text, lasting));
        }
    }

    private void fail(ChannelHandlerContext ctx, Throwable cause) {
        ProbeExchange exchange = end();
        if (exchange != null) {
            exchange.response().tryFailure(cause);
        }
        close(ctx);
    }

    private @Nullable ProbeExchange end() {
        ProbeExchange ended = pending;
        pending = null;
        head = null;
        ReferenceCountUtil.release(body);
        body = null;
        return ended;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // nothing waits until the connection is closed
    private static void close(ChannelHandlerContext ctx) {
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(ctx, new ClosedChannelException());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(ctx, cause);
    }
}
