package io.tokenguardian.proxy.upstream;

import io.netty.channel.Channel;
import io.tokenguardian.proxy.http.UpstreamRequestEncoder;
import io.tokenguardian.token.Token;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection to one replica, leased to one request after another. Other classes write HTTP objects to its
 * channel. The {@link ResponseReader} passes the response to them. Used only on the channel's event loop.
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

    /** Makes an upstream of {@code channel}, whose TLS handshake is done. */
    static Upstream install(Channel channel, UpstreamPool pool) {
        Upstream upstream = new Upstream(channel, pool);
        channel.pipeline().addLast(upstream.reader.decoder(), upstream.encoder, upstream.reader);
        return upstream;
    }

    public Channel channel() {
        return channel;
    }

    /** The tokens that its replica accepts and refuses. */
    public ReplicaTokens tokens() {
        return tokens;
    }

    /** The {@code Date}s of the responses over it. */
    public ResponseDates dates() {
        return dates;
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

    /** Begins a lease, after the end of the previous lease. */
    Lease lease(Lease.Origin origin) {
        if (lease != null) {
            throw new IllegalStateException("the lease before has not ended");
        }
        lease = new Lease(this, pool, origin);
        return lease;
    }

    /**
     * Begins a request of the current lease.
     *
     * @param head whether the request is HEAD, whose response has no body
     */
    public void begin(ResponseListener to, boolean head) {
        reader.begin(to, head);
        pool.share().setWaterMarks(channel);
    }

    /**
     * Reads and discards the remainder of a response that is not relayed.
     *
     * @param onDrained runs when the response is complete
     * @param onGone runs instead if the upstream has ended
     */
    public void discardRest(Runnable onDrained, Runnable onGone) {
        reader.handOver(new ResponseDiscard(this, onDrained, onGone));
        read(true); // reading may be off, because the caller has not taken a 1xx yet
    }

    /** Called at the end of a lease. Its request gets no further reports. */
    void leaseEnded() {
        lease = null;
        reader.detach();
    }

    /** Prepares for another lease. Returns whether another lease is possible. */
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
        forgetAcceptance(); // a tunnel is not given back
        channel.pipeline().remove(encoder);
        channel.pipeline().remove(reader);
        channel.pipeline().remove(reader.decoder());
    }

    // What responses show about the token

    /** Counts the replica as accepting {@code token}. */
    void rememberAcceptance(Token token) {
        if (!tokens.hasAccepted()) {
            pool.search().countAccepting(1);
        }
        tokens.accepted(token);
    }

    /**
     * No longer counts the replica as accepting a token. {@link ReplicaSearch} makes requests wait for connections to
     * accepting replicas.
     */
    void forgetAcceptance() {
        if (tokens.hasAccepted()) {
            tokens.forgetAcceptance();
            pool.search().countAccepting(-1);
        }
    }
}
