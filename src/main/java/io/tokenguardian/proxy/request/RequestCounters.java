package io.tokenguardian.proxy.request;

import io.netty.handler.codec.http.HttpMethod;

/** Called on the event loops. */
public interface RequestCounters {

    /** Called for each request whose headers were read, even if the request is refused. */
    void request();

    void response(HttpMethod method, int status);

    void refusedByRule();

    /** Called when a request begins to wait; {@code first} if it is the first wait of the request. */
    void holdBegins(boolean first);

    void holdEnds();

    /** Called once for each request that was held, with the total duration of its waits. */
    void heldFor(long nanos);

    void retry(RetryReason reason);

    /** Called for a request that would have got a 401 without the proxy. */
    void saved(SavedReason reason);
}
