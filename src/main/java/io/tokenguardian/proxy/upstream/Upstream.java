package io.tokenguardian.proxy.upstream;

import io.netty.channel.Channel;
import io.tokenguardian.proxy.http.UpstreamRequestEncoder;
import io.tokenguardian.token.Token;
import org.jspecify.annotations.Nullable;

/** One HTTP/1.1 connection to one replica, leased to one request after another. Used only on its event loop. */
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

    /** The TLS handshake of {@code channel} must be complete. */
    static Upstream install(Channel channel, UpstreamPool pool) {
        Upstream upstream = new Upstream(channel, pool);
        channel.pipeline().addLast(upstream.reader.decoder(), upstream.encoder, upstream.reader);
        return upstream;
    }

    public Channel channel() {
        return channel;
    }

    public ReplicaTokens tokens() {
        return tokens;
    }

    public ResponseDates dates() {
        return dates;
    }

    /** When the last request over this connection ended. */
    long idleSince() {
        return idleSince;
    }

    /** Switches reading on or off, so that the response is read only as fast as the caller accepts it. */
    public void read(boolean on) {
        channel.config().setAutoRead(on);
    }

    /** The previous lease must have ended. */
    Lease lease(Lease.Origin origin) {
        if (lease != null) {
            throw new IllegalStateException("the previous lease has not ended");
        }
        lease = new Lease(this, pool, origin);
        return lease;
    }

    public void begin(ResponseListener to, boolean head) {
        reader.begin(to, head);
        pool.share().setLimits(channel);
    }

    /**
     * Discards the remainder of a response. {@code onGone} runs instead of {@code onDrained} if the upstream has ended.
     */
    public void discardRest(Runnable onDrained, Runnable onGone) {
        reader.handOver(new ResponseDiscard(this, onDrained, onGone));
        read(true); // reading may be off if the caller has not accepted a 1xx yet
    }

    void leaseEnded() {
        lease = null;
        reader.detach();
    }

    /** Returns whether another lease is possible. */
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

    /** The channel belongs to a tunnel from now on. */
    void removeHttpHandlers() {
        forgetAcceptance(); // a tunnel's connection does not return to the pool
        channel.pipeline().remove(encoder);
        channel.pipeline().remove(reader);
        channel.pipeline().remove(reader.decoder());
    }

    void rememberAcceptance(Token token) {
        if (!tokens.hasAccepted()) {
            pool.search().countAccepting(1);
        }
        tokens.accepted(token);
    }

    /** While {@link ReplicaSearch} knows of an accepting connection, it makes requests wait for that connection. */
    void forgetAcceptance() {
        if (tokens.hasAccepted()) {
            tokens.forgetAcceptance();
            pool.acceptanceForgotten();
        }
    }
}
