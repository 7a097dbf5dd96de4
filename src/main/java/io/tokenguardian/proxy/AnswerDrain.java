package io.tokenguardian.proxy;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;

/** Reads and discards the rest of a 401 that is not relayed. The API server's own 401 has a body of 157 bytes. */
final class AnswerDrain implements AnswerListener {

    /** Decides what happens to the upstream afterwards. */
    interface Then {
        /** Called when the response is complete. */
        void drained();

        /** Called when the upstream has ended, or was closed because more than {@code MAX_BYTES} of the body came. */
        default void gone() {}
    }

    private static final int MAX_BYTES = 64 << 10;

    private final Upstream upstream;
    private final Then then;
    private int bytes;

    AnswerDrain(Upstream upstream, Then then) {
        this.upstream = upstream;
        this.then = then;
    }

    @Override
    public void answerContent(HttpContent content) {
        bytes += content.content().readableBytes();
        content.release();
        if (content instanceof LastHttpContent) {
            then.drained();
        } else if (bytes > MAX_BYTES) {
            upstream.abort();
            then.gone();
        }
    }

    @Override
    public void informational(HttpResponse response) {}

    @Override
    public void answerHead(HttpResponse response) {
        throw new IllegalStateException("a second answer to one request");
    }

    @Override
    public void answerPaused() {}

    @Override
    public void upstreamWritable(boolean writable) {}

    @Override
    public void upstreamBroke(UpstreamFailure cause) {
        then.gone();
    }
}
