package io.tokenguardian.proxy;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;

/** Takes in what is left of a 401 that the caller does not get; a server's own has 157 bytes. */
final class AnswerDrain implements AnswerListener {

    /** What happens to the upstream afterwards. */
    interface Then {
        /** The answer is complete. */
        void drained();

        /** The upstream is gone, or its answer too long to be worth it. */
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
    public void upstreamBroke(UpstreamBreak cause) {
        then.gone();
    }
}
