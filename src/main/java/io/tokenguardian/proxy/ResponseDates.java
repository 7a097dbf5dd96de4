package io.tokenguardian.proxy;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.ssl.SslHandler;
import io.tokenguardian.apiserver.Connector.ServerCertificate;
import io.tokenguardian.apiserver.HttpDate;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Reports the {@code Date}s of the responses over one connection, at most one a second, and only if the replica itself
 * has written them: the API server passes on the headers of a backend.
 */
final class ResponseDates {

    private static final long BETWEEN = Duration.ofSeconds(1).toNanos();

    private final Channel channel;
    private @Nullable ServerCertificate certificate;
    private boolean begun;
    private long reportedAt;

    ResponseDates(Channel channel) {
        this.channel = channel;
    }

    /**
     * Called with a response whose request had a token that the replica has accepted.
     *
     * @param sentAt when the request was sent, in nanoseconds on the monotonic clock
     */
    void onResponse(UpstreamRequest request, HttpResponse response, long sentAt, ProxyContext context) {
        if ((begun && sentAt - reportedAt < BETWEEN) || !isReplicasOwn(request)) {
            return;
        }
        Instant date = HttpDate.parse(response.headers().getAll(HttpHeaderNames.DATE));
        if (date == null) {
            return;
        }
        begun = true;
        reportedAt = sentAt;
        if (certificate == null) {
            certificate = ServerCertificate.of(channel.pipeline().get(SslHandler.class), context.address());
        }
        Duration roundTrip = Duration.ofNanos(context.nanoTime().getAsLong() - sentAt);
        context.observer().onDate(context.address().hostAndPort(), certificate, roundTrip, date);
    }

    private static boolean isReplicasOwn(UpstreamRequest request) {
        String target = request.request().uri();
        return (target.startsWith("/api/v1/") || target.equals("/version")) && !request.mayReachBackend();
    }
}
