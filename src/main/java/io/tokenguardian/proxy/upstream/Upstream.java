package io.tokenguardian.proxy.upstream;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.tokenguardian.proxy.http.UpstreamRequestEncoder;
import io.tokenguardian.token.Token;

/**
 * One HTTP/1.1 connection to one replica, leased to one request after another. Other classes write HTTP objects to its
 * channel, and get the response's objects from its {@link ResponseReader}. It is used on the channel's event loop only.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which channelInactive reports
public final class Upstream {

    private final Channel channel;
    private final UpstreamPool pool;
    private final ResponseReader reader;
    private final UpstreamRequestEncoder encoder = new UpstreamRequestEncoder();
    private final ReplicaTokens tokens = new ReplicaTokens();
    private final ResponseDates dates;
    private boolean firstResponseOver;
    private boolean reused;
    private long idleSince;

    private Upstream(Channel channel, UpstreamPool pool) {
        this.channel = channel;
        this.pool = pool;
        this.reader = new ResponseReader(pool.log(), this::abort);
        this.dates = new ResponseDates(channel);
    }

    /** Makes an upstream of {@code channel}, whose TLS handshake is done. */
    static Upstream install(Channel channel, UpstreamPool pool) {
        Upstream upstream = new Upstream(channel, pool);
        channel.pipeline().addLast(upstream.reader.decoder(), upstream.encoder, upstream.reader);
        return upstream;
    }

    public Channel channel() {
        return channel;
    }

    /** Which tokens its replica accepts and refuses. */
    public ReplicaTokens tokens() {
        return tokens;
    }

    /** The {@code Date}s of the responses over it. */
    public ResponseDates dates() {
        return dates;
    }

    /** Whether it was used or lay idle before. Then its end may have nothing to do with the current request. */
    public boolean isReused() {
        return reused;
    }

    /** When the last request over it ended, in nanoseconds on the monotonic clock. */
    long idleSince() {
        return idleSince;
    }

    /** Backpressure: switches reading on or off, so that the response is read as fast as the caller takes it. */
    public void read(boolean on) {
        channel.config().setAutoRead(on);
    }

    // Lease

    /**
     * Begins the lease.
     *
     * @param head whether the request is HEAD, whose response has no body
     */
    public void lease(ResponseListener to, boolean head) {
        reused = firstResponseOver;
        reader.begin(to, head);
        pool.share().setWaterMarks(channel);
    }

    /**
     * Reads and discards the remainder of a response that is not relayed.
     *
     * @param onDrained is run when the response is complete
     * @param onGone is run instead when the upstream has ended
     */
    public void discardRest(Runnable onDrained, Runnable onGone) {
        reader.handOver(new ResponseDiscard(this, onDrained, onGone));
        read(true); // reading may be off, because the caller did not take a 1xx in time
    }

    /**
     * Gives the upstream back. If not {@code reusable}, closes it. It is reusable if request and response are complete,
     * or if nothing was sent.
     */
    public void release(boolean reusable) {
        if (endLease(reusable)) {
            pool.release(this);
        } else {
            abort();
        }
    }

    /**
     * Parks the connection: its replica refuses all usable tokens.
     *
     * @param reusable whether request and response are complete; if not, the connection is closed
     */
    public void park(boolean reusable) {
        if (endLease(reusable)) {
            pool.park(this);
        } else {
            abort();
        }
    }

    /** Ends the lease. Returns whether the connection can have another. */
    private boolean endLease(boolean reusable) {
        reader.detach();
        if (!reusable || !isReusable()) {
            return false;
        }
        read(true);
        idleSince = pool.now();
        return true;
    }

    /** Whether the connection can carry another request: no bytes are left over, and neither side has closed it. */
    private boolean isReusable() {
        return channel.isActive() && reader.mayGoOn();
    }

    /**
     * The response is complete. Leases this connection to {@code request} if it can be used again, otherwise another
     * connection.
     */
    public void retry(LeaseRequest request) {
        pool.settled(this);
        reader.detach();
        if (isReusable()) {
            request.onLeased(this);
        } else {
            abort();
            pool.acquire(request);
        }
    }

    /** Closes it at once, whatever is under way. */
    public void abort() {
        forgetAcceptance();
        reader.detach();
        pool.remove(this);
        channel.close();
    }

    /** Removes the HTTP handlers from the channel, which now belongs to a tunnel. */
    public void removeHttpHandlers() {
        forgetAcceptance(); // a tunnel does not come back
        pool.settled(this);
        reader.detach();
        channel.pipeline().remove(encoder);
        channel.pipeline().remove(reader);
        channel.pipeline().remove(reader.decoder());
    }

    // What a response shows about the token

    /**
     * Called with the status of a response other than 401, to a request with {@code token}. A 429 or 5xx does not show
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
        pool.settled(this);
    }

    /** Called when the replica has accepted {@code token}. */
    void tokenAccepted(Token token) {
        if (!tokens.hasAccepted()) {
            pool.search().countAccepting(1);
        }
        tokens.accepted(token);
        pool.settled(this);
        pool.tokenAccepted();
    }

    /** Called when the replica has refused a token, before the remainder of its response is read. */
    public void tokenRefused(TokenRefusal refusal) {
        forgetAcceptance();
        tokens.refused(refusal);
        boolean first = !firstResponseOver;
        if (first) {
            pool.settled(this);
        }
        pool.tokenRefused(refusal, first);
    }

    /**
     * No longer counts the replica as accepting a token. {@link ReplicaSearch} has requests wait for connections to
     * accepting replicas.
     */
    public void forgetAcceptance() {
        if (tokens.hasAccepted()) {
            tokens.forgetAcceptance();
            pool.search().countAccepting(-1);
        }
    }

    /**
     * Records that the first response has arrived or can no longer arrive, or that the connection lies idle without
     * one. Returns whether that is new.
     */
    boolean markFirstResponseOver() {
        boolean first = !firstResponseOver;
        firstResponseOver = true;
        return first;
    }
}
