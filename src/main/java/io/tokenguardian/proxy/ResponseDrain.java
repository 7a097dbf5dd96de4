package io.tokenguardian.proxy;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;

/** Reads and discards the rest of a 401 that is not relayed. The API server's own 401 has a body of 157 bytes. */
final class ResponseDrain implements ResponseListener {

    private static final int MAX_BYTES = 64 << 10;

    private final Upstream upstream;
    private final Runnable onDrained;
    private final Runnable onGone;
    private int bytes;

    /**
     * @param onDrained is run when the response is complete
     * @param onGone is run when the upstream has ended, or was closed because of too long a body
     */
    ResponseDrain(Upstream upstream, Runnable onDrained, Runnable onGone) {
        this.upstream = upstream;
        this.onDrained = onDrained;
        this.onGone = onGone;
    }

    @Override
    public void onResponseContent(HttpContent content) {
        bytes += content.content().readableBytes();
        content.release();
        if (content instanceof LastHttpContent) {
            onDrained.run();
        } else if (bytes > MAX_BYTES) {
            upstream.abort();
            onGone.run();
        }
    }

    @Override
    public void onResponseHead(HttpResponse response) {
        throw new IllegalStateException("a second response to one request");
    }

    @Override
    public void onUpstreamFailed(UpstreamFailure cause) {
        onGone.run();
    }
}
