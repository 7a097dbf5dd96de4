package io.tokenguardian.proxy;

import io.tokenguardian.listener.FileLimit;

/**
 * The most connections that the proxy may have.
 *
 * @param callers connections of callers. If another caller connects, each event loop closes its oldest connection
 *     without a request under way. If no connection can be closed, further callers wait to be accepted
 * @param upstreams connections to the API server, in equal parts for the event loops. If a request needs more, it gets
 *     503. Each tunnel occupies one connection, and so does each watch over HTTP/1.1. TLS takes some tens of KiB for
 *     each connection
 */
public record ProxyCapacity(int callers, int upstreams) {

    /** The upper bounds, even if more files may be open. */
    public static final ProxyCapacity MOST = new ProxyCapacity(12_288, 2_560);

    /**
     * The most connections that {@code fileLimit} allows. If few files may be open, callers and connections to the API
     * server get equal parts.
     */
    public static ProxyCapacity within(FileLimit fileLimit) {
        int upstreams = Math.min(MOST.upstreams, fileLimit.proxyConnections() / 2);
        return new ProxyCapacity(Math.min(MOST.callers, fileLimit.proxyConnections() - upstreams), upstreams);
    }
}
