package io.tokenguardian.standin;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/** Writes a response with the faults planned for its request. Used only on the event loop. */
final class ResponseWriter {

    /** The header names in Go's spelling. */
    private static final String DATE = "Date";

    private static final String FLOW_SCHEMA = StandInApiServer.uidOf("flowschema", "service-accounts");
    private static final String PRIORITY_LEVEL = StandInApiServer.uidOf("prioritylevel", "workload-low");

    private static final String CONTENT_LENGTH = "Content-Length";

    private final ResponseChannel channel;
    private final HttpDate date;
    private final InFlightRequest request;

    ResponseWriter(ResponseChannel channel, HttpDate date, InFlightRequest request) {
        this.channel = channel;
        this.date = date;
        this.request = request;
    }

    /**
     * Sends {@code answer}.
     *
     * @param now the time on the replica's clock
     * @param close whether the response announces that the connection will close
     * @param sending called before the client can have received the whole response; not called if a fault ends the
     *     connection earlier
     * @param sent called after the last byte has been sent; not called if a fault ends the connection earlier
     */
    void write(Response.Full answer, Instant now, boolean close, Runnable sending, Runnable sent) {
        HttpHeaders headers = headers(answer.headers(), now, close);
        headers.set(CONTENT_LENGTH, answer.body().length);
        HttpResponseStatus status = HttpResponseStatus.valueOf(answer.status());
        byte[] body = request.isHead() ? new byte[0] : answer.body();
        if (request.faults.isEmpty()) {
            sending.run();
            channel.send(
                    new DefaultFullHttpResponse(
                            HttpVersion.HTTP_1_1,
                            status,
                            Unpooled.wrappedBuffer(body),
                            headers,
                            EmptyHttpHeaders.INSTANCE),
                    sent);
            return;
        }
        Fault.HeldAnswer held = request.fault(Fault.HeldAnswer.class);
        Runnable step = () -> writeFaulty(status, headers, body, sending, sent);
        if (held != null) {
            channel.after(held.release(), step);
        } else {
            step.run();
        }
    }

    /** Sends the headers of a response whose length is unknown. */
    void writeHead(List<Map.Entry<String, String>> extra, Instant now, boolean close) {
        HttpHeaders headers = headers(extra, now, close);
        headers.set("Transfer-Encoding", "chunked");
        channel.send(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, headers));
    }

    private HttpHeaders headers(List<Map.Entry<String, String>> extra, Instant now, boolean close) {
        HttpHeaders headers =
                DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
        headers.set("Audit-Id", auditId());
        headers.set(DATE, date.of(now));
        if (request.isQueued()) {
            headers.set("X-Kubernetes-Pf-Flowschema-Uid", FLOW_SCHEMA);
            headers.set("X-Kubernetes-Pf-Prioritylevel-Uid", PRIORITY_LEVEL);
        }
        extra.forEach(header -> headers.set(header.getKey(), header.getValue()));
        if (close) {
            headers.set("Connection", "close");
        }
        return headers;
    }

    private static String auditId() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        // A random UUID (version 4), without the cost of a secure random generator.
        long high = (random.nextLong() & 0xffffffffffff0fffL) | 0x4000L;
        long low = (random.nextLong() & 0x3fffffffffffffffL) | 0x8000000000000000L;
        return new UUID(high, low).toString();
    }

    private void writeFaulty(
            HttpResponseStatus status, HttpHeaders headers, byte[] body, Runnable sending, Runnable sent) {
        Fault.Malformed malformed = request.fault(Fault.Malformed.class);
        if (malformed != null) {
            channel.sendRaw(
                    malformed.bytes().getBytes(StandardCharsets.ISO_8859_1), () -> channel.cut(Fault.Manner.CLOSE));
            return;
        }
        Fault.WrongContentLength wrongLength = request.fault(Fault.WrongContentLength.class);
        if (wrongLength != null) {
            headers.set(CONTENT_LENGTH, Math.max(0, body.length + wrongLength.bytes()));
        }
        Fault.Cut cut = request.fault(Fault.Cut.class);
        Fault.Moment moment = cut == null ? null : cut.moment();
        if (cut != null && moment == Fault.Moment.BEFORE_HEAD) {
            channel.cut(cut.manner());
            return;
        }
        if (cut != null && moment == Fault.Moment.IN_HEAD) {
            byte[] head = rawHead(status, headers);
            channel.sendRaw(Arrays.copyOf(head, head.length / 2), () -> channel.cut(cut.manner()));
            return;
        }
        int bytes =
                moment == Fault.Moment.AFTER_HEAD ? 0 : moment == Fault.Moment.IN_BODY ? body.length / 2 : body.length;
        boolean whole = cut == null || moment == Fault.Moment.AFTER_ANSWER;
        Fault.SlowDrip drip = request.fault(Fault.SlowDrip.class);
        if (whole && drip == null) {
            sending.run();
        }
        channel.send(new DefaultHttpResponse(HttpVersion.HTTP_1_1, status, headers));
        int piece = drip == null ? Math.max(1, bytes) : drip.bytes();
        Duration interval = drip == null ? Duration.ZERO : drip.interval();
        drip(Arrays.copyOf(body, bytes), 0, piece, interval, () -> {
            if (whole) {
                if (drip != null) {
                    sending.run();
                }
                channel.send(new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER), () -> {
                    if (cut != null) {
                        channel.cut(cut.manner());
                    } else if (wrongLength != null && wrongLength.bytes() > 0) {
                        channel.cut(Fault.Manner.CLOSE);
                    }
                    sent.run();
                });
            } else if (cut != null) {
                // An empty part of the body. It sends nothing, but completes only after the parts before it have been
                // sent.
                channel.send(new DefaultHttpContent(Unpooled.EMPTY_BUFFER), () -> channel.cut(cut.manner()));
            }
        });
    }

    private void drip(byte[] body, int from, int piece, Duration interval, Runnable then) {
        if (from >= body.length) {
            then.run();
            return;
        }
        int to = Math.min(body.length, from + piece);
        channel.send(new DefaultHttpContent(Unpooled.wrappedBuffer(body, from, to - from)));
        if (interval.isZero()) {
            drip(body, to, piece, interval, then);
        } else {
            channel.after(interval, () -> drip(body, to, piece, interval, then));
        }
    }

    private static byte[] rawHead(HttpResponseStatus status, HttpHeaders headers) {
        StringBuilder head = new StringBuilder("HTTP/1.1 ").append(status).append("\r\n");
        headers.forEach(header -> head.append(header.getKey())
                .append(": ")
                .append(header.getValue())
                .append("\r\n"));
        return head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
    }
}
