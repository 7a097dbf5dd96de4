package io.tokenguardian.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The first handler of a connection that takes a single HTTP/1 request without a body. It passes on only the complete
 * headers of the request. It adds {@code Connection: close}, so that the server closes the connection after the
 * response. It responds with 413 if the request has a body (RFC 9110, 15.5.14), and with 431 if the headers are too
 * long (RFC 6585, 5). It closes the connection if the client uses HTTP/2, or does not complete the headers in time.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel
final class SingleRequestHandler extends ChannelInboundHandlerAdapter {
    /** The maximum length of the headers in bytes, including the request line. */
    static final int LONGEST_HEAD = 8 << 10;

    static final Duration HEAD_WITHIN = Duration.ofSeconds(5);

    private static final String HTTP2 = "PRI * HTTP/2";

    private static final Pattern BODY = Pattern.compile(
            "^(transfer-encoding[ \\t]*:|content-length[ \\t]*:(?![ \\t]*0+[ \\t]*\\r?$))",
            Pattern.CASE_INSENSITIVE | Pattern.MULTILINE | Pattern.UNIX_LINES);

    /** These headers would keep the connection open, change its protocol, or request a 100 response. */
    private static final Pattern REMOVED_HEADERS = Pattern.compile(
            "^(connection|keep-alive|upgrade|http2-settings|expect)[ \\t]*:[^\\n]*\\n",
            Pattern.CASE_INSENSITIVE | Pattern.MULTILINE | Pattern.UNIX_LINES);

    private final Runnable onHead;
    private @Nullable ByteBuf head;
    private @Nullable Future<?> deadline;
    private boolean started;
    private boolean lineIsEmpty = true;
    private boolean done;

    /** @param onHead runs when the headers are complete and accepted, just before they are passed on */
    SingleRequestHandler(Runnable onHead) {
        this.onHead = onHead;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        deadline = ctx.executor().schedule(() -> ctx.close(), HEAD_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        ctx.fireChannelActive();
    }

    /** Cancels the deadline, which would otherwise keep the closed channel in memory. */
    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        end();
        ctx.fireChannelInactive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            if (!done) {
                take(ctx, bytes);
            }
            if (bytes.isReadable()) {
                // The remaining bytes are dropped. Bytes that arrive later are left in the socket.
                ctx.channel().config().setAutoRead(false);
            }
        } finally {
            ReferenceCountUtil.release(bytes);
        }
    }

    private void take(ChannelHandlerContext ctx, ByteBuf bytes) {
        int start = bytes.readerIndex();
        boolean whole = false;
        while (!whole && bytes.isReadable()) {
            whole = advance(bytes.readByte());
        }
        ByteBuf received = head == null ? Unpooled.buffer(bytes.readerIndex() - start) : head;
        head = received.writeBytes(bytes, start, bytes.readerIndex() - start);
        if (received.readableBytes() > LONGEST_HEAD) {
            refuse(ctx, HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the headers are larger than 8 KiB");
        } else if (whole) {
            pass(ctx, received.toString(StandardCharsets.ISO_8859_1));
        }
    }

    /** Whether this byte completes the headers by ending an empty line after the request line (RFC 9112, 2.2). */
    private boolean advance(byte next) {
        if (next == '\n') {
            boolean last = lineIsEmpty && started;
            lineIsEmpty = true;
            return last;
        }
        if (next != '\r') {
            lineIsEmpty = false;
            started = true;
        }
        return false;
    }

    private void pass(ChannelHandlerContext ctx, String text) {
        if (text.stripLeading().startsWith(HTTP2)) {
            end();
            ctx.close();
        } else if (BODY.matcher(text).find()) {
            refuse(ctx, HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE, "a body is not allowed here");
        } else {
            end();
            onHead.run();
            String last =
                    REMOVED_HEADERS.matcher(text).replaceAll("").stripTrailing() + "\r\nConnection: close\r\n\r\n";
            ctx.fireChannelRead(ByteBufUtil.writeAscii(ctx.alloc(), last));
        }
    }

    private void refuse(ChannelHandlerContext ctx, HttpResponseStatus status, String why) {
        end();
        String answer = "HTTP/1.1 " + status + "\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: "
                + (why.length() + 1) + "\r\n\r\n" + why + "\n";
        ctx.writeAndFlush(ByteBufUtil.writeAscii(ctx.alloc(), answer)).addListener(ChannelFutureListener.CLOSE);
    }

    private void end() {
        done = true;
        head = null;
        if (deadline != null) {
            deadline.cancel(false);
        }
    }
}
