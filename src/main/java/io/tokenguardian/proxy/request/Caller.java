package io.tokenguardian.proxy.request;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.proxy.upstream.Upstream;
import org.jspecify.annotations.Nullable;

/** All methods are called on the event loop of the caller's {@link Exchange}. */
public interface Caller {

    /** The connection's name in the log. */
    String id();

    void setBodyWanted(boolean wanted);

    /** Returns whether the write buffer has room for more. */
    boolean writeInformational(HttpResponse response);

    /**
     * Keeps the headers, or the whole response, until the next write or {@link #flush()}.
     *
     * @param toHead whether the request is a HEAD request
     * @param keepAlive whether another request may follow
     */
    void writeHead(HttpResponse response, boolean toHead, boolean keepAlive);

    /** Returns whether the write buffer has room for more. */
    boolean write(HttpContent content);

    void flush();

    /** Writes the end of a response. Then continues with the next request, or closes the connection. */
    void writeLast(Object last);

    /** Writes the proxy's own response. Then continues with the next request, or closes the connection. */
    void respond(ProxyFault fault, @Nullable String detail, boolean toHead, boolean keepAlive);

    /** Writes {@code response}, and turns both connections into a tunnel. */
    void openTunnel(Upstream upstream, HttpResponse response);

    /** Closes the connection at once. The caller must not mistake an incomplete response for a complete response. */
    void close();
}
