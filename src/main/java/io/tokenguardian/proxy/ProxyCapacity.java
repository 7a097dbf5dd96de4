package io.tokenguardian.proxy;

import io.tokenguardian.listener.FileLimit;

/**
 * The most connections that the proxy may have.
 *
 * @param callers connections of callers. When one more connects, each event loop closes its oldest connection without a
 *     request under way; if none has one, further callers wait to be accepted
 * @param upstreams connections to the API server, in equal parts for the event loops; beyond them a request that needs
 *     one more gets 503. Each tunnel, and over HTTP/1.1 each watch, occupies one; TLS takes some tens of KiB for each
 *     connection
 */
public record ProxyCapacity(int callers, int upstreams) {

    /** The upper bounds, which apply even if more files may be open. */
    public static final ProxyCapacity MOST = new ProxyCapacity(12_288, 2_560);

    /**
     * The most connections that {@code fileLimit} leaves room for. If few files may be open, callers and connections to
     * the API server get equal parts.
     */
    public static ProxyCapacity within(FileLimit fileLimit) {
        int upstreams = Math.min(MOST.upstreams, fileLimit.proxyConnections() / 2);
        return new ProxyCapacity(Math.min(MOST.callers, fileLimit.proxyConnections() - upstreams), upstreams);
    }
}
