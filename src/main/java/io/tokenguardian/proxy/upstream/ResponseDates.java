package io.tokenguardian.proxy.upstream;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.ssl.SslHandler;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.Connector.ServerCertificate;
import io.tokenguardian.apiserver.HttpDate;
import io.tokenguardian.guardian.ProxyObserver;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reports the {@code Date}s of the responses over one connection, at most one per second. Used only for responses that
 * the replica itself has written, because the API server passes on a backend's headers.
 */
public final class ResponseDates {

    private static final long BETWEEN = Duration.ofSeconds(1).toNanos();

    private final Channel channel;
    private @Nullable ServerCertificate certificate;
    private boolean begun;
    private long reportedAt;

    ResponseDates(Channel channel) {
        this.channel = channel;
    }

    /** Whether to report the {@code Date} of the response to a request that was sent at {@code sentAt}. */
    public boolean isDue(long sentAt) {
        return !begun || sentAt - reportedAt >= BETWEEN;
    }

    public void report(
            HttpResponse response,
            long sentAt,
            ApiServerAddress address,
            ProxyObserver observer,
            LongSupplier nanoTime) {
        Instant date = HttpDate.parse(response.headers().getAll(HttpHeaderNames.DATE));
        if (date == null) {
            return;
        }
        begun = true;
        reportedAt = sentAt;
        if (certificate == null) {
            certificate = ServerCertificate.of(channel.pipeline().get(SslHandler.class), address);
        }
        Duration roundTrip = Duration.ofNanos(nanoTime.getAsLong() - sentAt);
        observer.onDate(address.hostAndPort(), certificate, roundTrip, date);
    }
}
