package io.tokenguardian.proxy.upstream;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.tokenguardian.token.Token;

/**
 * The use of an {@link Upstream} by one request or one probe. It ends once: by {@link #end}, by {@link #passTo}, or
 * when the connection breaks. A later end has no effect. If the connection is new or was parked, the pool waits to
 * learn whether its replica accepts the token. It learns that once, from a response or from the end.
 */
public final class Lease {

    /** Where the connection comes from. */
    enum Origin {
        NEW,
        IDLE,
        /** It was parked until its acceptance time. */
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

    /** Whether the connection was in use or idle before. Then its end may be unrelated to the request. */
    public boolean isReused() {
        return origin != Origin.NEW;
    }

    // What a response shows about the token

    /**
     * Called with the status of a response, except 401, to a request with {@code token}. A 429 or 5xx does not show
     * that the replica accepts the token: it may come from a load balancer.
     *
     * @return whether the replica accepts the token
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

    /** Called with the headers of a response that shows nothing about a token. */
    public void respondedNeutrally() {
        shown();
    }

    /** Called when the replica has accepted {@code token}. */
    void tokenAccepted(Token token) {
        if (ended) {
            return;
        }
        upstream.rememberAcceptance(token);
        shown();
        pool.tokenAccepted();
    }

    /** Called when the replica has refused a token, before the remainder of the response is read. */
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

    /** Called with a 401 to the request itself, which the caller gets. The replica may refuse the token. */
    public void passedOnRefusal() {
        upstream.forgetAcceptance();
    }

    private void shown() {
        if (awaited) {
            awaited = false;
            pool.shown(origin);
        }
    }

    // The end

    public void end(LeaseEnd end) {
        if (ended) {
            return;
        }
        boolean stillRefusing = awaited && origin == Origin.PARKED; // any response except a 401 has ended the wait
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

    /**
     * Gives the connection back when the response is complete. Leases it to {@code request}, or another connection if
     * it can't be used again.
     */
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
