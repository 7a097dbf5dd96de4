package io.tokenguardian.dev;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Handles the requests of one HTTP/1.1 connection, one after the other, or the single request of an HTTP/2 stream. It
 * checks the credential as soon as the head has arrived. Then it reads the body, executes the request and responds.
 *
 * <pre>
 * HEAD ──► BUSY (slow check) ──► BODY ──► BUSY (answer) ──► HEAD
 *              └─ refused ──► DRAIN ──► BUSY ──┘  └──► GONE
 * </pre>
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the channel
final class RequestHandler extends ChannelInboundHandlerAdapter {

    private enum Phase {
        /** Waits for the head of a request. */
        HEAD,
        /** Reads the body and keeps it. */
        BODY,
        /** Reads the body and drops it, since the response is already known. */
        DRAIN,
        /** Lets everything that arrives wait. */
        BUSY,
        /** Drops everything that arrives. */
        GONE
    }

    /** The API server's limit on bodies, in bytes (docs/api-server.md, Bodies and compression). */
    static final int BODY_LIMIT = 3 * 1024 * 1024;

    /** How many bytes Go's server reads of a body that nobody needs, to keep the connection. */
    private static final int DRAIN_LIMIT = 256 * 1024;

    private static final String BAD_REQUEST = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
            + "Connection: close\r\n\r\n400 Bad Request";

    private final Replica replica;
    private final long connection;
    private final boolean http2;
    private final Deque<HttpObject> waiting = new ArrayDeque<>();
    private Phase phase = Phase.HEAD;
    private @Nullable InFlightRequest exchange;
    private @Nullable Runnable stopStream;

    RequestHandler(Replica replica, long connection, boolean http2) {
        this.replica = replica;
        this.connection = connection;
        this.http2 = http2;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpObject object && phase != Phase.GONE) {
            waiting.add(object);
            pump(ctx);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    private void pump(ChannelHandlerContext ctx) {
        while (phase != Phase.BUSY) {
            HttpObject object = waiting.poll();
            if (object == null) {
                return;
            }
            try {
                if (phase != Phase.GONE) {
                    take(ctx, object);
                }
            } finally {
                ReferenceCountUtil.release(object);
            }
        }
    }

    private void take(ChannelHandlerContext ctx, HttpObject object) {
        if (object.decoderResult().isFailure()) {
            phase = Phase.GONE;
            ResponseChannel channel = new ResponseChannel(ctx, http2);
            channel.sendRaw(BAD_REQUEST.getBytes(StandardCharsets.US_ASCII), () -> channel.cut(Fault.Manner.CLOSE));
            return;
        }
        if (object instanceof HttpRequest request) {
            head(ctx, request, object instanceof LastHttpContent);
        } else if (object instanceof HttpContent content && exchange != null) {
            body(ctx, exchange, content);
        }
    }

    private void head(ChannelHandlerContext ctx, HttpRequest request, boolean last) {
        ReceivedHead head = new ReceivedHead(
                replica.index(),
                connection,
                http2 ? "HTTP/2" : "HTTP/1.1",
                request.method().name(),
                request.uri(),
                replica.keepsRecords() ? headers(request.headers()) : Map.of());
        InFlightRequest next = new InFlightRequest(head, request, replica.faultsFor(head));
        next.bodyEnded = last;
        exchange = next;
        Fault.Manner cut = next.cutAt(Fault.Moment.ON_REQUEST_HEAD);
        if (cut != null) {
            cut(ctx, next, cut);
            return;
        }
        Fault.SlowCheck slow = next.fault(Fault.SlowCheck.class);
        Fault.HeldCheck held = next.fault(Fault.HeldCheck.class);
        if (slow == null && held == null) {
            check(ctx, next);
            return;
        }
        phase = Phase.BUSY;
        Runnable step = () -> {
            if (phase == Phase.BUSY) {
                check(ctx, next);
                pump(ctx);
            }
        };
        ResponseChannel channel = new ResponseChannel(ctx, http2);
        if (held != null) {
            channel.after(held.release(), step);
        } else if (slow != null) {
            channel.after(slow.delay(), step);
        }
    }

    private static Map<String, List<String>> headers(HttpHeaders headers) {
        Map<String, List<String>> byName = new TreeMap<>();
        for (String name : headers.names()) {
            String lower = name.toLowerCase(Locale.ROOT);
            List<String> values = headers.getAll(name);
            if (lower.equals("sec-websocket-protocol")) {
                values = values.stream()
                        .filter(value -> !value.contains("base64url.bearer."))
                        .toList();
            }
            if (!lower.equals("authorization")) {
                byName.put(lower, values);
            }
        }
        return byName;
    }

    private void check(ChannelHandlerContext ctx, InFlightRequest current) {
        Fault.Instead instead = current.fault(Fault.Instead.class);
        if (instead != null) {
            early(
                    ctx,
                    current,
                    new Response.Full(
                            instead.status(),
                            List.copyOf(instead.headers().entrySet()),
                            instead.body().getBytes(StandardCharsets.UTF_8)));
            return;
        }
        AccessCheck.Decision decision = replica.accessCheck().decide(current.head, current.headers);
        current.user = decision.user();
        current.cause = decision.cause();
        if (decision.refusal() != null) {
            early(ctx, current, decision.refusal());
            return;
        }
        phase = Phase.BODY;
        if (current.bodyEnded) {
            execute(ctx, current);
        } else if (current.expectsContinue) {
            // As Go's server does: only just before the body is read.
            current.expectsContinue = false;
            ctx.writeAndFlush(new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
        }
    }

    /**
     * Answers before the body is read, as Go's server does. Over HTTP/1.1 up to 256 KiB of the body are read first, to
     * keep the connection. If there is more, or the client waits for a 100, the connection ends with the response.
     */
    private void early(ChannelHandlerContext ctx, InFlightRequest current, Response.Full answer) {
        current.early = answer;
        if (current.bodyEnded || http2 || current.expectsContinue || current.declaredLength > DRAIN_LIMIT) {
            answer(ctx, current, answer);
        } else {
            phase = Phase.DRAIN;
            current.bodyLength = 0;
        }
    }

    private void body(ChannelHandlerContext ctx, InFlightRequest current, HttpContent content) {
        current.bodyLength += content.content().readableBytes();
        current.bodyEnded |= content instanceof LastHttpContent;
        if (phase == Phase.DRAIN) {
            if (current.bodyEnded || current.bodyLength > DRAIN_LIMIT) {
                Response.Full answer = current.early;
                if (answer != null) {
                    answer(ctx, current, answer);
                }
            }
            return;
        }
        if (current.bodyLength > BODY_LIMIT && !PodEndpoint.isProxied(current.head.path())) {
            early(
                    ctx,
                    current,
                    Response.status(413, "RequestEntityTooLarge", "Request entity too large: limit is " + BODY_LIMIT));
            return;
        }
        current.keep(content.content());
        if (current.bodyEnded) {
            execute(ctx, current);
        }
    }

    private void execute(ChannelHandlerContext ctx, InFlightRequest current) {
        phase = Phase.BUSY;
        if (current.fault(Fault.Silence.class) != null) {
            return;
        }
        Fault.Manner cut = current.cutAt(Fault.Moment.BEFORE_EXECUTION);
        if (cut != null) {
            cut(ctx, current, cut);
            return;
        }
        User user = current.user == null ? User.ANONYMOUS : current.user;
        Response response = replica.execute(current.head, current.headers, current.body(), user);
        if (response instanceof Response.Full full) {
            answer(ctx, current, full);
        } else if (response instanceof Response.Streamed streamed) {
            stream(ctx, current, streamed);
        } else if (response instanceof Response.Upgraded upgraded) {
            upgrade(ctx, current, upgraded);
        }
    }

    private void answer(ChannelHandlerContext ctx, InFlightRequest current, Response.Full full) {
        phase = Phase.BUSY;
        ResponseChannel channel = new ResponseChannel(ctx, http2);
        boolean abandoned = !current.bodyEnded;
        boolean close = !current.keepAlive || abandoned;
        Runnable sending = () -> record(current, full.status());
        writer(channel, current).write(full, replica.clock().instant(), current.isHead(), close, sending, () -> {
            // Over HTTP/2 a 401 ends the connection (docs/api-server.md, HTTP/2 and GOAWAY).
            if (current.cause != null || current.fault(Fault.GoAway.class) != null || replica.wantsGoAway(http2)) {
                channel.goAway();
            }
            end(ctx, channel, abandoned, close);
        });
    }

    private void end(ChannelHandlerContext ctx, ResponseChannel channel, boolean abandoned, boolean close) {
        exchange = null;
        if (abandoned) {
            phase = Phase.GONE;
            channel.abandonRequest();
        } else if (close) {
            phase = Phase.GONE;
            channel.send(Unpooled.EMPTY_BUFFER, channel::close);
        } else {
            phase = Phase.HEAD;
            ctx.executor().execute(() -> pump(ctx));
        }
    }

    private void stream(ChannelHandlerContext ctx, InFlightRequest current, Response.Streamed streamed) {
        ResponseChannel channel = new ResponseChannel(ctx, http2);
        record(current, 200);
        writer(channel, current)
                .writeHead(
                        List.of(
                                Map.entry("Cache-Control", "no-cache, private"),
                                Map.entry("Content-Type", streamed.contentType())),
                        replica.clock().instant(),
                        !current.keepAlive);
        stopStream = streamed.start().apply(new Response.Outflow() {
            private boolean ended;

            @Override
            public void write(byte[] bytes) {
                ctx.executor().execute(() -> {
                    if (!ended) {
                        channel.send(new DefaultHttpContent(Unpooled.wrappedBuffer(bytes)));
                    }
                });
            }

            @Override
            public void end() {
                ctx.executor().execute(() -> {
                    if (!ended) {
                        ended = true;
                        channel.send(new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER));
                        RequestHandler.this.end(ctx, channel, false, !current.keepAlive);
                    }
                });
            }
        });
    }

    private void upgrade(ChannelHandlerContext ctx, InFlightRequest current, Response.Upgraded upgraded) {
        HttpHeaders headers = new DefaultHttpHeaders();
        upgraded.headers().forEach(header -> headers.set(header.getKey(), header.getValue()));
        headers.set("Date", replica.date().of(replica.clock().instant()));
        phase = Phase.GONE;
        record(current, 101);
        ResponseChannel channel = new ResponseChannel(ctx, http2);
        channel.send(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, headers));
        channel.become(new EchoHandler());
    }

    /** Records the outcome, once: later events of the connection do not change it. */
    private void record(InFlightRequest current, int status) {
        if (!current.recorded) {
            current.recorded = true;
            replica.record(current, status);
        }
    }

    private ResponseWriter writer(ResponseChannel channel, InFlightRequest current) {
        return new ResponseWriter(channel, replica.date(), current.faults);
    }

    private void cut(ChannelHandlerContext ctx, InFlightRequest current, Fault.Manner manner) {
        phase = Phase.GONE;
        record(current, 0);
        exchange = null;
        new ResponseChannel(ctx, http2).cut(manner);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        phase = Phase.GONE;
        if (exchange != null && stopStream == null) {
            record(exchange, 0);
        }
        exchange = null;
        waiting.forEach(ReferenceCountUtil::release);
        waiting.clear();
        if (stopStream != null) {
            stopStream.run();
            stopStream = null;
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
