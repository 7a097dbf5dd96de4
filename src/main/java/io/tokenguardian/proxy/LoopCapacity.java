package io.tokenguardian.proxy;

/**
 * How many connections each event loop may have.
 *
 * @param callers connections of callers; past it the one goes that has been connected longest without a request under way
 * @param upstreams connections to the API server; past it a request that needs one more gets 503. A tunnel, and over HTTP/1.1
 *     each watch, has one of its own, and each takes some tens of KiB for TLS alone
 */
record LoopCapacity(int callers, int upstreams) {

    static final LoopCapacity DEFAULT = new LoopCapacity(6144, 1280);
}
