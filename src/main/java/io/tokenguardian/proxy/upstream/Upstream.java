package io.tokenguardian.proxy.upstream;

import io.netty.channel.Channel;
import io.tokenguardian.proxy.http.UpstreamRequestEncoder;
import io.tokenguardian.token.Token;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection to one replica, leased to one request after another. Other classes write HTTP objects to its
 * channel, and get the response from the {@link ResponseReader}. Used only on the channel's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which channelInactive reports
public final class Upstream {

    private final Channel channel;
    private final UpstreamPool pool;
    private final ResponseReader reader;
    private final UpstreamRequestEncoder encoder = new UpstreamRequestEncoder();
    private final ReplicaTokens tokens = new ReplicaTokens();
    private final ResponseDates dates;
    private @Nullable Lease lease;
    private long idleSince;

    private Upstream(Channel channel, UpstreamPool pool) {
        this.channel = channel;
        this.pool = pool;
        this.reader = new ResponseReader(pool.log(), this::abort);
        this.dates = new ResponseDates(channel);
    }

    /** Creates an upstream for {@code channel}, whose TLS handshake is complete. */
    static Upstream install(Channel channel, UpstreamPool pool) {
        Upstream upstream = new Upstream(channel, pool);
        channel.pipeline().addLast(upstream.reader.decoder(), upstream.encoder, upstream.reader);
        return upstream;
    }

    public Channel channel() {
        return channel;
    }

    /** The tokens that the replica of this connection accepts and refuses. */
    public ReplicaTokens tokens() {
        return tokens;
    }

    /** The {@code Date}s of the responses over this connection. */
    public ResponseDates dates() {
        return dates;
    }

    /** When the last request over this connection ended, in nanoseconds on the monotonic clock. */
    long idleSince() {
        return idleSince;
    }

    /**
     * Switches reading on or off, so that the response is read only as fast as the caller accepts it (backpressure).
     */
    public void read(boolean on) {
        channel.config().setAutoRead(on);
    }

    // Lease

    /** Begins a lease. The previous lease must have ended. */
    Lease lease(Lease.Origin origin) {
        if (lease != null) {
            throw new IllegalStateException("the previous lease has not ended");
        }
        lease = new Lease(this, pool, origin);
        return lease;
    }

    /**
     * Begins a request of the current lease.
     *
     * @param head whether the request is a HEAD request, whose response has no body
     */
    public void begin(ResponseListener to, boolean head) {
        reader.begin(to, head);
        pool.share().setLimits(channel);
    }

    /**
     * Reads and discards the remainder of a response that is not relayed.
     *
     * @param onDrained runs when the response is complete
     * @param onGone runs instead if the upstream has ended
     */
    public void discardRest(Runnable onDrained, Runnable onGone) {
        reader.handOver(new ResponseDiscard(this, onDrained, onGone));
        read(true); // reading may be off if the caller has not accepted a 1xx yet
    }

    /** Called at the end of a lease. The request of that lease gets no further reports. */
    void leaseEnded() {
        lease = null;
        reader.detach();
    }

    /** Prepares the connection for another lease. Returns whether another lease is possible. */
    boolean becomeIdle() {
        if (!isReusable()) {
            return false;
        }
        read(true);
        idleSince = pool.now();
        return true;
    }

    /** Whether the connection can carry another request: no bytes are left, and neither side has closed it. */
    boolean isReusable() {
        return channel.isActive() && reader.mayGoOn();
    }

    /** Closes the connection at once, even during a request. */
    void abort() {
        if (lease != null) {
            lease.end(LeaseEnd.FAILED);
            return;
        }
        forgetAcceptance();
        reader.detach();
        pool.remove(this);
        channel.close();
    }

    /** Removes the HTTP handlers from the channel, which belongs to a tunnel from now on. */
    void removeHttpHandlers() {
        forgetAcceptance(); // a tunnel's connection does not return to the pool
        channel.pipeline().remove(encoder);
        channel.pipeline().remove(reader);
        channel.pipeline().remove(reader.decoder());
    }

    // What responses show about the token

    /** Records that the replica accepts {@code token}, and counts the connection as accepting. */
    void rememberAcceptance(Token token) {
        if (!tokens.hasAccepted()) {
            pool.search().countAccepting(1);
        }
        tokens.accepted(token);
    }

    /**
     * Stops counting the connection as accepting. While {@link ReplicaSearch} knows of an accepting connection, it
     * makes requests wait for that connection.
     */
    void forgetAcceptance() {
        if (tokens.hasAccepted()) {
            tokens.forgetAcceptance();
            pool.acceptanceForgotten();
        }
    }
}
