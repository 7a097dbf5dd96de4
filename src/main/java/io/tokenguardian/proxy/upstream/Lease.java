package io.tokenguardian.proxy.upstream;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.tokenguardian.token.Token;

/**
 * The use of an {@link Upstream} by one request or one probe. A lease ends once: by {@link #end}, by {@link #passTo},
 * or when the connection breaks. Ending it again has no effect. If the connection is new or was parked, the pool waits
 * to learn whether its replica accepts the token. The lease reports this once, after a response or at its end.
 */
public final class Lease {

    /** Where the connection of a lease comes from. */
    enum Origin {
        NEW,
        IDLE,
        /** The connection was parked until its replica's acceptance time. */
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

    /**
     * Whether the connection was used or idle before. If so, it may end for a reason that is unrelated to the request.
     */
    public boolean isReused() {
        return origin != Origin.NEW;
    }

    // What a response shows about the token

    /**
     * Called with the status of a response to a request with {@code token}, unless the status is 401. A 429 or 5xx does
     * not show that the replica accepts the token, because it may come from a load balancer.
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

    /** Called when the replica has refused a token, before the body of the response is read. */
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

    // The end

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

    /**
     * Ends the lease when the response is complete. Leases the same connection to {@code request}, or another
     * connection if this connection can't be reused.
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
