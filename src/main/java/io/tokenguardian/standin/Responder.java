package io.tokenguardian.standin;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;
import java.util.Map;

/**
 * Responds to a request, records its outcome, and then keeps or closes the connection, as Go's server does. Used only
 * on the event loop.
 */
final class Responder {

    /**
     * How the {@code User-Agent} begins if a program shows responses to people (<i>apiserver</i>,
     * {@code responsewriters/writers.go}).
     */
    private static final List<String> SCREENS = List.of("curl", "Wget", "Mozilla/5.0");

    /**
     * Called after the last byte of a response has been sent. Not called after a 101, or if a fault ended the
     * connection before the last byte.
     */
    @FunctionalInterface
    interface Completion {
        /**
         * Handles the end of a response.
         *
         * @param reusable whether another request can follow on the channel
         */
        void completed(boolean reusable);
    }

    private final ChannelHandlerContext ctx;
    private final Replica replica;
    private final InFlightRequest request;
    private final Completion completion;
    private final ResponseChannel channel;
    private final ResponseWriter writer;

    Responder(ChannelHandlerContext ctx, Replica replica, InFlightRequest request, Completion completion) {
        this.ctx = ctx;
        this.replica = replica;
        this.request = request;
        this.completion = completion;
        this.channel = new ResponseChannel(ctx);
        this.writer = new ResponseWriter(channel, replica.date(), request);
    }

    /** Sends a complete response. If the request has not been read completely, the remainder is never read. */
    void send(Response.Full response) {
        boolean abandoned = !request.bodyEnded;
        boolean close = !request.keepAlive || abandoned;
        Runnable sending = () -> replica.record(request, response.status());
        writer.write(readable(response), replica.clock().instant(), close, sending, () -> {
            completion.completed(!close);
            if (abandoned) {
                channel.abandonRequest();
            } else if (close) {
                channel.send(Unpooled.EMPTY_BUFFER, channel::close);
            }
        });
    }

    /** Indents JSON if the client shows it to people, or if the query contains {@code pretty}. */
    private Response.Full readable(Response.Full response) {
        String userAgent = request.headers.get("User-Agent", "");
        boolean shown = SCREENS.stream().anyMatch(userAgent::startsWith)
                || request.head.uri().contains("pretty=true");
        boolean json = response.headers().contains(Map.entry("Content-Type", Response.JSON));
        boolean compressed = response.headers().contains(Map.entry("Content-Encoding", "gzip"));
        return shown && json && !compressed ? response.indented() : response;
    }

    /** Sends a response in parts. Returns an action that stops the source of the response. */
    Runnable stream(Response.Streamed response) {
        replica.record(request, 200);
        // The source starts before the headers are sent, so that a caller that has received the headers misses no
        // change (apiserver, endpoints/handlers/get.go). Its output still follows the headers, because this code runs
        // on the event loop.
        Runnable stop = response.start().apply(new Response.Outflow() {
            private boolean finished;

            @Override
            public void write(byte[] bytes) {
                ctx.executor().execute(() -> {
                    if (!finished) {
                        channel.send(new DefaultHttpContent(Unpooled.wrappedBuffer(bytes)));
                    }
                });
            }

            @Override
            public void end() {
                ctx.executor().execute(() -> {
                    if (!finished) {
                        finished = true;
                        channel.send(new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER));
                        completion.completed(request.keepAlive);
                        if (!request.keepAlive) {
                            channel.send(Unpooled.EMPTY_BUFFER, channel::close);
                        }
                    }
                });
            }
        });
        writer.writeHead(
                List.of(
                        Map.entry("Cache-Control", "no-cache, private"),
                        Map.entry("Content-Type", response.contentType())),
                replica.clock().instant(),
                !request.keepAlive);
        return stop;
    }

    /** Sends a 101, after which the connection carries raw bytes. */
    void upgrade(Response.Upgraded response) {
        HttpHeaders headers = new DefaultHttpHeaders();
        response.headers().forEach(header -> headers.set(header.getKey(), header.getValue()));
        headers.set("Date", replica.date().of(replica.clock().instant()));
        replica.record(request, 101);
        channel.send(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, headers));
        channel.replaceHttp(new EchoHandler());
    }

    /** Ends the connection without a response. */
    void cut(Fault.Manner manner) {
        replica.record(request, 0);
        channel.cut(manner);
    }
}
