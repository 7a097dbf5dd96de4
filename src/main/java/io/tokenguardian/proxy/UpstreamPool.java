package io.tokenguardian.proxy;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.tokenguardian.token.Token;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The upstreams of one event loop. A connection is in one of these places:
 *
 * <pre>
 *  connect ──► leased ──response──► idle ──► leased …      idle too long ──► closed
 *                │                    ▲
 *                └─401, early──► parked ─validity has begun, or another token in use
 *                                     │
 *                                     └─one waiting request at a time retries on the first to accept
 * </pre>
 *
 * A request gets the idle connection that was used last. If there is none, it gets a new one, or waits if
 * {@link ReplicaSearch} allows none. Waiting requests go on when a replica accepts the token over any connection.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which channelInactive reports
final class UpstreamPool {

    private final EventLoop eventLoop;
    private final UpstreamConnector connector;
    private final LongSupplier nanoTime;
    private final int maxConnections;
    private final BufferShare share;
    private final ProxyLog log;
    private final SharedHttp2Connections http2Connections;
    private final IdleUpstreams idle;
    private final ParkedUpstreams parked = new ParkedUpstreams();
    private final Deque<LeaseRequest> waiting = new ArrayDeque<>();
    private final ReplicaSearch search = new ReplicaSearch();

    /** The parked connection that is leased for one retry; null for none. */
    private ParkedUpstreams.@Nullable Parked retrying;

    private @Nullable ScheduledFuture<?> nextAttempt;
    private int connections;
    private boolean closed;

    UpstreamPool(
            EventLoop eventLoop,
            UpstreamConnector connector,
            Http2Mode http2,
            LongSupplier nanoTime,
            int maxConnections,
            BufferShare share,
            ProxyLog log) {
        this.eventLoop = eventLoop;
        this.connector = connector;
        this.nanoTime = nanoTime;
        this.maxConnections = maxConnections;
        this.share = share;
        this.log = log;
        this.http2Connections = new SharedHttp2Connections(http2);
        this.idle = new IdleUpstreams(eventLoop, nanoTime, http2Connections);
    }

    /** Leases an upstream to {@code request}, now or later. */
    void acquire(LeaseRequest request) {
        Token token = parked.isEmpty() ? null : request.token();
        if (token != null) {
            parked.takeOpenTo(token, now()).forEach(idle::add);
        }
        boolean needsNew = request.needsNewConnection();
        UpstreamHttp2Connection http2 = needsNew || request.needsHttp1() ? null : http2Connections.free();
        Http1Upstream found = needsNew || http2 != null ? null : idle.poll();
        if (http2 != null) {
            http2.open(request);
        } else if (found != null) {
            request.onLeased(found);
        } else if (needsNew || request.ownCredential() || search.mayConnect(now())) {
            connect(request);
        } else {
            waiting.addLast(request);
            request.onLeaseWaits();
            scheduleAttempt();
        }
    }

    /** Removes a request that waits. */
    void cancel(LeaseRequest request) {
        waiting.remove(request);
        http2Connections.cancel(request);
    }

    /** Lets all waiting requests try again, for instance when another token is in use. */
    void wakeAll() {
        List<LeaseRequest> woken = new ArrayList<>(waiting);
        waiting.clear();
        woken.forEach(this::acquire);
    }

    /**
     * Opens a connection for {@code request}. A search for a replica that accepts the token offers HTTP/1.1 only, since
     * over HTTP/2 a 401 costs the connection.
     */
    private void connect(LeaseRequest request) {
        if (connections >= maxConnections) {
            request.fail(ProxyFault.OVERLOADED, "all " + maxConnections + " connections to the API server are in use");
            return;
        }
        boolean offer = http2Connections.wantedBy(request) && !search.isSearching();
        if (offer && http2Connections.enqueueOrStart(request)) {
            return;
        }
        connections++;
        search.begun();
        connector.connect(eventLoop, this, offer, new UpstreamConnector.Outcome() {
            @Override
            public void connected(Http1Upstream upstream) {
                upstream.channel().closeFuture().addListener(ended -> connections--);
                request.onLeased(upstream);
                if (offer) {
                    http2Connections.serverChoseHttp1();
                    http2Connections.connectEnded(UpstreamPool.this::acquire);
                }
            }

            @Override
            public void connected(UpstreamHttp2Connection http2) {
                http2.onClosed(() -> connections--);
                http2Connections.add(http2);
                idle.startSweeping();
                http2.open(request);
                http2Connections.connectEnded(UpstreamPool.this::acquire);
            }

            @Override
            public void failed(ProxyFault fault, String detail) {
                connections--;
                search.ended();
                request.fail(fault, detail);
                if (offer) {
                    http2Connections.connectEnded(each -> each.fail(fault, detail));
                }
            }
        });
    }

    void remove(UpstreamHttp2Connection http2) {
        http2Connections.remove(http2);
    }

    /** Whether {@code http2}, which has no streams, can be closed because another connection takes streams. */
    boolean canSpare(UpstreamHttp2Connection http2) {
        return http2Connections.canSpare(http2);
    }

    long now() {
        return nanoTime.getAsLong();
    }

    BufferShare share() {
        return share;
    }

    ProxyLog log() {
        return log;
    }

    /** Called when the first response over a new connection has arrived or can no longer arrive. */
    void firstResponseOver() {
        search.ended();
    }

    /** Called when a replica has refused the token as not yet valid over HTTP/2 or over a new connection. */
    void tokenRefused() {
        search.refused(now());
    }

    /** Called when a replica has accepted the token. */
    void tokenAccepted() {
        search.accepted();
        if (!waiting.isEmpty()) {
            wakeAll();
        }
    }

    /** Called when the response to the current request has arrived or can no longer arrive. */
    void settled(Http1Upstream upstream) {
        if (upstream.markFirstResponseOver()) {
            firstResponseOver();
        }
        if (isRetrying(upstream)) {
            retrying = null;
            scheduleAttempt();
        }
    }

    private boolean isRetrying(Http1Upstream upstream) {
        return retrying != null && retrying.upstream().equals(upstream);
    }

    /** Takes back a connection. A waiting request gets it, unless its replica has just refused the token again. */
    void release(Http1Upstream upstream) {
        boolean refused = isRetrying(upstream);
        settled(upstream);
        LeaseRequest next = refused || closed ? null : waiting.pollFirst();
        if (closed) {
            upstream.abort();
        } else if (next != null) {
            next.onLeased(upstream);
        } else {
            idle.add(upstream);
        }
    }

    /** Takes back a connection whose replica has refused the token as not yet valid. */
    void park(Http1Upstream upstream, EarlyRefusal found) {
        EarlyRefusal refusal =
                retrying != null && isRetrying(upstream) ? retrying.refusal().narrowedBy(found) : found;
        settled(upstream);
        if (closed) {
            upstream.abort();
        } else {
            parked.add(upstream, refusal, now());
            scheduleAttempt();
        }
    }

    /** Removes a connection that is being closed. */
    void remove(Http1Upstream upstream) {
        settled(upstream);
        idle.remove(upstream);
        parked.remove(upstream);
    }

    /** Sets the timer for the next attempt that can help waiting requests. */
    private void scheduleAttempt() {
        cancelAttempt();
        if (waiting.isEmpty() || retrying != null || closed) {
            return;
        }
        long now = now();
        long moment = Math.max(now, search.resumeAt());
        ParkedUpstreams.Parked first = parked.firstToAccept();
        if (first != null && first.nextAttempt() - moment < 0) {
            moment = first.nextAttempt();
        }
        nextAttempt = eventLoop.schedule(this::retryOne, Math.max(0, moment - now), TimeUnit.NANOSECONDS);
    }

    private void cancelAttempt() {
        if (nextAttempt != null) {
            nextAttempt.cancel(false);
            nextAttempt = null;
        }
    }

    /** Lets a waiting request retry on the parked connection with the first {@link ValidityStart}, or a new one. */
    private void retryOne() {
        nextAttempt = null;
        long now = now();
        ParkedUpstreams.Parked first = parked.firstToAccept();
        boolean retry = first != null && now - first.nextAttempt() >= 0;
        LeaseRequest next = retry || search.mayConnect(now) ? waiting.pollFirst() : null;
        if (next != null && first != null && retry) {
            parked.remove(first.upstream());
            retrying = first;
            next.onLeased(first.upstream());
        } else if (next != null) {
            connect(next);
        }
        scheduleAttempt();
    }

    /** Closes every connection that no request uses. */
    void close() {
        closed = true;
        http2Connections.closeAll();
        idle.closeAll();
        parked.closeAll();
        waiting.clear();
        cancelAttempt();
    }
}
