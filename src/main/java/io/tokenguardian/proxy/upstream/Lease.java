package io.tokenguardian.proxy.upstream;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.tokenguardian.token.Token;

/**
 * The use of an {@link Upstream} by one request or one probe. Ends once; ending it again has no effect. If the
 * connection is new or was parked, the lease reports once to the pool: after the first response, or at its end.
 */
public final class Lease {

    enum Origin {
        NEW,
        IDLE,
        PARKED
    }

    private final Upstream upstream;
    private final UpstreamPool pool;
    private final Origin origin;
    private boolean awaited;
    private boolean ended;

    Lease(Upstream upstream, UpstreamPool pool, Origin origin) {
        this.upstream = upstream;
        this.pool = pool;
        this.origin = origin;
        this.awaited = origin != Origin.IDLE;
    }

    public Upstream upstream() {
        return upstream;
    }

    /** Whether the connection was used or idle before, so that it may end for a reason unrelated to the request. */
    public boolean isReused() {
        return origin != Origin.NEW;
    }

    /**
     * Called for any status except 401. Returns whether the replica accepts {@code token}. A 429 or 5xx does not show
     * this, because it may come from a load balancer.
     */
    public boolean responded(Token token, HttpResponseStatus status) {
        boolean accepted = status.codeClass() != HttpStatusClass.SERVER_ERROR
                && !HttpResponseStatus.TOO_MANY_REQUESTS.equals(status);
        if (accepted) {
            tokenAccepted(token);
        } else {
            respondedNeutrally();
        }
        return accepted;
    }

    /** Called with a response that shows nothing about a token. */
    public void respondedNeutrally() {
        shown();
    }

    void tokenAccepted(Token token) {
        if (ended) {
            return;
        }
        upstream.rememberAcceptance(token);
        shown();
        pool.tokenAccepted();
    }

    /** Called before the body of the response is read. */
    public void tokenRefused(TokenRefusal refusal) {
        if (ended) {
            return;
        }
        upstream.forgetAcceptance();
        upstream.tokens().refused(refusal);
        boolean first = awaited && origin == Origin.NEW;
        if (first) {
            shown();
        }
        pool.tokenRefused(refusal, first);
    }

    /** Called when the caller gets a 401 for the request itself. The replica may refuse the token. */
    public void passedOnRefusal() {
        upstream.forgetAcceptance();
    }

    private void shown() {
        if (awaited) {
            awaited = false;
            pool.shown(origin);
        }
    }

    public void end(LeaseEnd end) {
        if (ended) {
            return;
        }
        boolean stillRefusing = awaited && origin == Origin.PARKED; // any response but a 401 has ended the wait
        finish();
        if (end == LeaseEnd.TUNNELLED) {
            upstream.removeHttpHandlers();
        } else if (end == LeaseEnd.FAILED || !upstream.becomeIdle()) {
            upstream.abort();
        } else if (end == LeaseEnd.REFUSED) {
            pool.park(upstream, stillRefusing);
        } else {
            pool.release(upstream, stillRefusing);
        }
    }

    /** Ends the lease, and leases the connection to {@code request}, or another if this connection can't be reused. */
    public void passTo(LeaseRequest request) {
        if (ended) {
            pool.acquire(request);
            return;
        }
        finish();
        if (upstream.isReusable()) {
            request.onLeased(upstream.lease(Origin.IDLE));
        } else {
            upstream.abort();
            pool.acquire(request);
        }
    }

    private void finish() {
        ended = true;
        upstream.leaseEnded();
        shown();
    }
}
