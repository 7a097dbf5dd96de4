package io.tokenguardian.proxy.upstream;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;

/** Receives the data that arrives over a leased {@link Upstream}. All methods are called on its event loop. */
public interface ResponseListener {

    /** Called for a 1xx except 101. The listener may change and keep its headers. */
    default void onInformational(HttpResponse response) {}

    /** Called with the headers of the final response, or of a 101. */
    void onResponseHead(HttpResponse response);

    /**
     * Called with a part of the body, which the listener must release. The last part is a {@code LastHttpContent}. Not
     * called if the listener handed the response over to another listener when it got the headers.
     */
    default void onResponseContent(HttpContent content) {
        content.release();
    }

    /** Called when the current read is complete, so that the listener can flush. More data may follow. */
    default void onReadComplete() {}

    /** Called when the upstream's write buffer is full, or has room again. */
    default void onWritabilityChanged() {}

    /** Called when the upstream ended before the response was complete. */
    void onUpstreamFailed(UpstreamFailure cause);
}
