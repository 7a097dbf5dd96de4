package io.tokenguardian.proxy.upstream;

import io.tokenguardian.proxy.http.ProxyFault;
import org.jspecify.annotations.Nullable;

/** Requests a connection in advance, so that a later request does not have to wait for the TLS handshake. */
record ConnectionAhead(LeaseTokens tokens) implements LeaseRequest {

    @Override
    public boolean needsNewConnection() {
        return true;
    }

    @Override
    public boolean isWhole() {
        return true;
    }

    @Override
    public boolean mayWait() {
        return false;
    }

    @Override
    public void onLeased(Lease lease) {
        lease.end(LeaseEnd.USED);
    }

    /** Does nothing: the later request tries again, and gets the error if the error persists. */
    @Override
    public void fail(ProxyFault fault, @Nullable String detail) {}

    /** Never called, because a new connection is opened at once. */
    @Override
    public void onLeaseWaits() {}
}
