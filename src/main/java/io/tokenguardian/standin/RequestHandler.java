package io.tokenguardian.standin;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Handles the requests of one connection, one at a time. It checks the credential as soon as the headers have arrived.
 * Then it reads the body, executes the request and responds.
 *
 * <pre>
 * HEAD ──► BUSY (slow check) ──► BODY ──► BUSY (answer) ──► HEAD
 *              └─ refused ──► DRAIN ──► BUSY ──┘  └──► GONE
 * </pre>
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel
final class RequestHandler extends ChannelInboundHandlerAdapter {

    private enum Phase {
        /** Waits for the headers of a request. */
        HEAD,
        /** Reads the body and keeps it. */
        BODY,
        /** Reads the body and discards it, because the response is already known. */
        DRAIN,
        /** Keeps everything that arrives, to be handled later. */
        BUSY,
        /** Discards everything that arrives. */
        GONE
    }

    /** The API server's limit on the size of a body, in bytes (docs/api-server.md, Bodies and compression). */
    static final int BODY_LIMIT = 3 * 1024 * 1024;

    /** How many bytes of an unused body Go's server reads in order to keep the connection open. */
    private static final int DRAIN_LIMIT = 256 * 1024;

    private static final String BAD_REQUEST = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
            + "Connection: close\r\n\r\n400 Bad Request";

    private final Replica replica;
    private final long connection;
    private final Deque<HttpObject> waiting = new ArrayDeque<>();
    private Phase phase = Phase.HEAD;
    private @Nullable InFlightRequest current;
    private @Nullable Runnable stopStream;

    RequestHandler(Replica replica, long connection) {
        this.replica = replica;
        this.connection = connection;
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
            ResponseChannel channel = new ResponseChannel(ctx);
            channel.sendRaw(BAD_REQUEST.getBytes(StandardCharsets.US_ASCII), () -> channel.cut(Fault.Manner.CLOSE));
            return;
        }
        if (object instanceof HttpRequest request) {
            head(ctx, request, object instanceof LastHttpContent);
        } else if (object instanceof HttpContent content && current != null) {
            body(ctx, current, content);
        }
    }

    private void head(ChannelHandlerContext ctx, HttpRequest request, boolean last) {
        ReceivedHead head = new ReceivedHead(
                replica.index(),
                connection,
                request.method().name(),
                request.uri(),
                replica.keepsRecords() ? ReceivedHead.withoutCredentials(request.headers()) : Map.of());
        InFlightRequest next = new InFlightRequest(head, request, replica.takeFaultsFor(head));
        next.bodyEnded = last;
        current = next;
        Fault.Manner cut = next.cutAt(Fault.Moment.ON_REQUEST_HEAD);
        if (cut != null) {
            cut(ctx, next, cut);
            return;
        }
        check(ctx, next);
    }

    private void check(ChannelHandlerContext ctx, InFlightRequest request) {
        Fault.Instead instead = request.fault(Fault.Instead.class);
        if (instead != null) {
            byte[] body = instead.body().getBytes(StandardCharsets.UTF_8);
            List<Map.Entry<String, String>> headers =
                    List.copyOf(instead.headers().entrySet());
            answerEarly(ctx, request, new Response.Full(instead.status(), headers, body));
            return;
        }
        AccessCheck.Decision decision =
                replica.accessCheck().decide(request.head, request.headers, clientCertificate(ctx.channel()));
        request.user = decision.user();
        request.cause = decision.cause();
        if (decision.refusal() != null) {
            answerEarly(ctx, request, decision.refusal());
            return;
        }
        phase = Phase.BODY;
        if (request.bodyEnded) {
            execute(ctx, request);
        } else if (request.expectsContinue) {
            // Go's server sends the 100 only just before it reads the body.
            request.expectsContinue = false;
            ctx.writeAndFlush(new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
        }
    }

    /** Returns the certificate that the client presented on this connection; null for none. */
    private static @Nullable X509Certificate clientCertificate(Channel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        try {
            return tls == null
                    ? null
                    : (X509Certificate) tls.engine().getSession().getPeerCertificates()[0];
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }

    /**
     * Responds without using the body, as Go's server does. Up to 256 KiB of the body are read first, to keep the
     * connection open. If the body is longer, or the client waits for a 100 response, the connection closes after the
     * response.
     */
    private void answerEarly(ChannelHandlerContext ctx, InFlightRequest request, Response.Full answer) {
        request.early = answer;
        if (request.bodyEnded || request.expectsContinue || request.declaredLength > DRAIN_LIMIT) {
            answer(ctx, request, answer);
        } else {
            phase = Phase.DRAIN;
            request.bodyLength = 0;
        }
    }

    private void body(ChannelHandlerContext ctx, InFlightRequest request, HttpContent content) {
        request.bodyLength += content.content().readableBytes();
        request.bodyEnded |= content instanceof LastHttpContent;
        if (phase == Phase.DRAIN) {
            if (request.early != null && (request.bodyEnded || request.bodyLength > DRAIN_LIMIT)) {
                answer(ctx, request, request.early);
            }
            return;
        }
        if (request.bodyLength > BODY_LIMIT && !PodEndpoint.isProxied(request.head.path())) {
            answerEarly(
                    ctx,
                    request,
                    Response.status(413, "RequestEntityTooLarge", "Request entity too large: limit is " + BODY_LIMIT));
            return;
        }
        request.keep(content.content());
        if (request.bodyEnded) {
            execute(ctx, request);
        }
    }

    private void execute(ChannelHandlerContext ctx, InFlightRequest request) {
        phase = Phase.BUSY;
        if (request.fault(Fault.Silence.class) != null) {
            return;
        }
        Fault.Manner cut = request.cutAt(Fault.Moment.BEFORE_EXECUTION);
        if (cut != null) {
            cut(ctx, request, cut);
            return;
        }
        User user = request.user == null ? User.ANONYMOUS : request.user;
        Response response = replica.execute(request.head, request.headers, request.body(), user);
        if (response instanceof Response.Full full) {
            answer(ctx, request, full);
        } else if (response instanceof Response.Streamed streamed) {
            stopStream = responder(ctx, request).stream(streamed);
        } else if (response instanceof Response.Upgraded upgraded) {
            phase = Phase.GONE;
            responder(ctx, request).upgrade(upgraded);
        }
    }

    private void answer(ChannelHandlerContext ctx, InFlightRequest request, Response.Full response) {
        phase = Phase.BUSY;
        responder(ctx, request).send(response);
    }

    private void cut(ChannelHandlerContext ctx, InFlightRequest request, Fault.Manner manner) {
        phase = Phase.GONE;
        current = null;
        responder(ctx, request).cut(manner);
    }

    private Responder responder(ChannelHandlerContext ctx, InFlightRequest request) {
        return new Responder(ctx, replica, request, reusable -> {
            current = null;
            phase = reusable ? Phase.HEAD : Phase.GONE;
            ctx.executor().execute(() -> pump(ctx));
        });
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        phase = Phase.GONE;
        if (current != null) {
            replica.record(current, 0);
        }
        current = null;
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
