package io.tokenguardian.proxy;

import io.tokenguardian.listener.FileLimit;

/**
 * The limits on the proxy's connections.
 *
 * @param callers the maximum number of callers' connections. With the in-cluster listener, half of them are for callers
 *     that use TLS, because these take more memory, and half for the others. If another caller connects, each event
 *     loop closes its oldest connection of the same half that has no request in progress. If no connection can be
 *     closed, further callers wait to be accepted
 * @param upstreams the maximum number of connections to the API server, divided equally among the event loops. A
 *     request that would need one more connection gets a 503. Each tunnel occupies one connection, and so does each
 *     watch. TLS takes a few tens of KiB per connection
 */
public record ProxyCapacity(int callers, int upstreams) {

    /** The upper bounds: a pod has one app. A connection to the API server whose caller reads nothing takes 80 KiB. */
    public static final ProxyCapacity MOST = new ProxyCapacity(2_048, 1_024);

    /** If few files may be open, callers and connections to the API server each get half of the total. */
    public static ProxyCapacity within(FileLimit fileLimit) {
        int upstreams = Math.min(MOST.upstreams, fileLimit.proxyConnections() / 2);
        return new ProxyCapacity(Math.min(MOST.callers, fileLimit.proxyConnections() - upstreams), upstreams);
    }
}
