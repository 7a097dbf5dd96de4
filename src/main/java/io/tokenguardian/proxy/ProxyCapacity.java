package io.tokenguardian.proxy;

import io.tokenguardian.listener.OpenFiles;

/**
 * How many connections the proxy may have.
 *
 * @param callers connections of callers. Who comes when there are as many has the one make room that has been connected longest
 *     without a request under way; where all have one, the next wait until they are taken
 * @param upstreams connections to the API server, in equal parts of the event loops; past it a request that needs one more gets
 *     503. A tunnel, and over HTTP/1.1 each watch, has one of its own, and each takes some tens of KiB for TLS alone
 */
public record ProxyCapacity(int callers, int upstreams) {

    /** However many files may be open. */
    public static final ProxyCapacity MOST = new ProxyCapacity(12_288, 2_560);

    /** The most that so many open files leave room for: as many callers as connections to the API server, where they are few. */
    public static ProxyCapacity within(OpenFiles files) {
        int upstreams = Math.min(MOST.upstreams, files.ofProxy() / 2);
        return new ProxyCapacity(Math.min(MOST.callers, files.ofProxy() - upstreams), upstreams);
    }
}
