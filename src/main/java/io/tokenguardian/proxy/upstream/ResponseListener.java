package io.tokenguardian.proxy.upstream;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;

/** Receives the data that arrives over a leased {@link Upstream}. All methods are called on its event loop. */
public interface ResponseListener {

    /** An interim response (1xx except 101). The listener may change and keep its headers. */
    default void onInformational(HttpResponse response) {}

    /** The headers of the final response, or of a 101. */
    void onResponseHead(HttpResponse response);

    /**
     * A part of the body, which the listener must release. The last part is a {@code LastHttpContent}. A listener that
     * hands over to another listener at the headers gets no part.
     */
    default void onResponseContent(HttpContent content) {
        content.release();
    }

    /** The current read is complete, so the listener should flush. More data may follow. */
    default void onReadComplete() {}

    /** The upstream's write buffer has room again, or is full. */
    default void onWritabilityChanged() {}

    /** The upstream ended before the response was complete. */
    void onUpstreamFailed(UpstreamFailure cause);
}
