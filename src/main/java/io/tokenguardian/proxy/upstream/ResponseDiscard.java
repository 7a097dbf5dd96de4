package io.tokenguardian.proxy.upstream;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.tokenguardian.concurrent.LoggedTask;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Reads and discards the remainder of a response that is not relayed. The API server's own 401 has 157 bytes, which
 * arrive at once. Beyond the limits, the upstream is closed, because a new connection costs less.
 */
final class ResponseDiscard implements ResponseListener {

    private static final int MAX_BYTES = 64 << 10;

    private static final Duration MAX_TIME = Duration.ofSeconds(1);

    private final Upstream upstream;
    private final Runnable onDrained;
    private final Runnable onGone;
    private final Future<?> timeout;
    private int bytes;

    /** @param onGone runs instead if the upstream has ended, or was closed because of a limit */
    ResponseDiscard(Upstream upstream, Runnable onDrained, Runnable onGone) {
        this.upstream = upstream;
        this.onDrained = onDrained;
        this.onGone = onGone;
        this.timeout = upstream.channel()
                .eventLoop()
                .schedule(new LoggedTask(this::giveUp), MAX_TIME.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void giveUp() {
        timeout.cancel(false);
        upstream.abort();
        onGone.run();
    }

    @Override
    public void onResponseContent(HttpContent content) {
        bytes += content.content().readableBytes();
        content.release();
        if (content instanceof LastHttpContent) {
            timeout.cancel(false);
            onDrained.run();
        } else if (bytes > MAX_BYTES) {
            giveUp();
        }
    }

    @Override
    public void onResponseHead(HttpResponse response) {
        throw new IllegalStateException("a second response to one request");
    }

    @Override
    public void onUpstreamFailed(UpstreamFailure cause) {
        giveUp();
    }
}
