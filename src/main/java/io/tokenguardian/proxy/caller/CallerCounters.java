package io.tokenguardian.proxy.caller;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpMethod;

/** Called on the event loops. */
public interface CallerCounters {

    /** Counts {@code channel} while it is open. */
    void callerConnected(Channel channel);

    /** Called for each request whose headers were read, even if the request is refused. */
    void request();

    void response(HttpMethod method, int status);

    void refusedByRule();
}
