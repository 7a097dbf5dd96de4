package io.tokenguardian.proxy;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.tokenguardian.token.Token;
import java.time.Duration;
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
 *  connect ──► leased ──answer──► idle ──► leased …        idle too long ──► closed
 *                │                  ▲
 *                └─401, early─► parked ─crossing past, or another token in use
 *                                   │
 *                                   └─one waiting request at a time retries on the first to cross
 * </pre>
 *
 * A request gets the idle connection that was used last. If there is none, it gets a new one if {@link ReplicaSearch}
 * allows that, and else waits. Waiting requests go on when a replica accepts the token over any connection.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which channelInactive reports
final class UpstreamPool {

    /** After so long, idle connections are closed: before the API server does, at 90 s ({@code secure_serving.go}). */
    static final long IDLE = Duration.ofSeconds(55).toNanos();

    private final EventLoop eventLoop;
    private final UpstreamConnector connector;
    private final LongSupplier nanoTime;
    private final int maxConnections;
    private final BufferShare share;
    private final ProxyLog log;
    private final Deque<Http1Upstream> idle = new ArrayDeque<>();
    private final ParkedUpstreams aside = new ParkedUpstreams();
    private final Deque<LeaseRequest> waiting = new ArrayDeque<>();
    private final UpstreamHttp2Connections http2Connections;
    private final ReplicaSearch fresh = new ReplicaSearch();
    private @Nullable Http1Upstream asked;
    private @Nullable ScheduledFuture<?> nextLook;
    private @Nullable ScheduledFuture<?> idleSweep;
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
        this.maxConnections = maxConnections;
        this.share = share;
        this.log = log;
        this.http2Connections = new UpstreamHttp2Connections(http2);
        this.eventLoop = eventLoop;
        this.connector = connector;
        this.nanoTime = nanoTime;
    }

    /** Leases an upstream to {@code request}, now or later. */
    void acquire(LeaseRequest request) {
        Token token = request.token();
        if (token != null && !aside.isEmpty()) {
            aside.takeOpenTo(token, nanoTime.getAsLong()).forEach(this::idle);
        }
        UpstreamHttp2Connection http2 = request.fresh() || request.http1() ? null : http2Connections.free();
        Http1Upstream found = request.fresh() || http2 != null ? null : idle.pollFirst();
        if (http2 != null) {
            http2.open(request);
        } else if (found != null) {
            request.leased(found);
        } else if (request.fresh() || request.ownCredential() || fresh.makesSense(nanoTime.getAsLong())) {
            connect(request);
        } else {
            waiting.addLast(request);
            request.leaseWaits();
            lookLater();
        }
    }

    /** Removes a request that waits. */
    void cancel(LeaseRequest request) {
        waiting.remove(request);
        http2Connections.forget(request);
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
            request.leaseFailed(
                    ProxyFault.OVERLOADED, maxConnections + " connections to the API server are in use at once");
            return;
        }
        boolean offer = http2Connections.wantedBy(request) && !fresh.isSearching();
        if (offer && http2Connections.enqueueOrStart(request)) {
            return;
        }
        connections++;
        fresh.begun();
        connector.connect(eventLoop, this, offer, new UpstreamConnector.Outcome() {
            @Override
            public void connected(Http1Upstream upstream) {
                upstream.channel().closeFuture().addListener(ended -> connections--);
                request.leased(upstream);
                if (offer) {
                    http2Connections.refused();
                    http2Connections.settled(UpstreamPool.this::acquire);
                }
            }

            @Override
            public void connected(UpstreamHttp2Connection http2) {
                http2.onClosed(() -> connections--);
                http2Connections.made(http2);
                sweepLater();
                http2.open(request);
                http2Connections.settled(UpstreamPool.this::acquire);
            }

            @Override
            public void failed(ProxyFault fault, String detail) {
                connections--;
                fresh.ended();
                request.leaseFailed(fault, detail);
                if (offer) {
                    http2Connections.settled(each -> each.leaseFailed(fault, detail));
                }
            }
        });
    }

    /** Called when the first response over an HTTP/2 connection has arrived or can no longer arrive. */
    void proven() {
        fresh.ended();
    }

    /** Called when a replica has refused the token as not yet valid over HTTP/2. */
    void refusedOverHttp2() {
        fresh.refused(nanoTime.getAsLong());
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

    void idle(Http1Upstream upstream) {
        if (closed) {
            upstream.abort();
            return;
        }
        upstream.idleSince(nanoTime.getAsLong());
        LeaseRequest next = nextThatMayHave(upstream);
        if (next != null) {
            next.leased(upstream);
            return;
        }
        idle.addFirst(upstream);
        sweepLater();
    }

    private void sweepLater() {
        if (idleSweep == null) {
            idleSweep = eventLoop.schedule(this::sweep, IDLE, TimeUnit.NANOSECONDS);
        }
    }

    private @Nullable LeaseRequest nextThatMayHave(Http1Upstream upstream) {
        return upstream.refusal() == null ? waiting.pollFirst() : null;
    }

    private void sweep() {
        idleSweep = null;
        long now = nanoTime.getAsLong();
        Http1Upstream oldest = idle.peekLast();
        while (oldest != null && now - oldest.idleSince() >= IDLE) {
            oldest.abort();
            oldest = idle.peekLast();
        }
        http2Connections.leaveIdleSince(now - IDLE);
        if (oldest == null && !http2Connections.isEmpty()) {
            sweepLater();
        } else if (oldest != null) {
            idleSweep = eventLoop.schedule(this::sweep, IDLE - (now - oldest.idleSince()), TimeUnit.NANOSECONDS);
        }
    }

    /** Called when a replica has refused the token as not yet valid over a new connection. */
    void refusedFresh() {
        fresh.refused(nanoTime.getAsLong());
    }

    /** Called when a replica has accepted the token. */
    void accepted() {
        fresh.accepted();
        if (!waiting.isEmpty()) {
            wakeAll();
        }
    }

    /** Called when a response has arrived or can no longer arrive; {@code first} is true once per connection. */
    void settled(Http1Upstream upstream, boolean first) {
        if (first) {
            fresh.ended();
        }
        if (upstream == asked) {
            asked = null;
            lookLater();
        }
    }

    void aside(Http1Upstream upstream) {
        EarlyRefusal refusal = upstream.refusal();
        if (closed || refusal == null) {
            upstream.abort();
            return;
        }
        aside.add(upstream, refusal, nanoTime.getAsLong());
        lookLater();
    }

    void remove(Http1Upstream upstream) {
        if (!idle.isEmpty()) {
            idle.remove(upstream);
        }
        aside.remove(upstream);
    }

    /** Sets the timer for the next attempt that can help waiting requests. */
    private void lookLater() {
        if (nextLook != null) {
            nextLook.cancel(false);
            nextLook = null;
        }
        if (waiting.isEmpty() || asked != null || closed) {
            return;
        }
        long now = nanoTime.getAsLong();
        long moment = Math.max(now, fresh.resumeAt());
        Http1Upstream first = aside.firstToCross();
        if (first != null && first.nextQuestion() - moment < 0) {
            moment = first.nextQuestion();
        }
        nextLook = eventLoop.schedule(this::look, Math.max(0, moment - now), TimeUnit.NANOSECONDS);
    }

    private void look() {
        nextLook = null;
        long now = nanoTime.getAsLong();
        Http1Upstream first = aside.firstToCross();
        if (first != null && now - first.nextQuestion() >= 0) {
            LeaseRequest asker = waiting.pollFirst();
            if (asker != null) {
                aside.remove(first);
                asked = first;
                asker.leased(first);
            }
        } else if (fresh.makesSense(now)) {
            LeaseRequest asker = waiting.pollFirst();
            if (asker != null) {
                connect(asker);
            }
        }
        lookLater();
    }

    /** Closes every connection that no request uses. */
    void close() {
        closed = true;
        http2Connections.leaveAll();
        List.copyOf(idle).forEach(Http1Upstream::abort);
        aside.closeAll();
        waiting.clear();
        if (nextLook != null) {
            nextLook.cancel(false);
        }
        if (idleSweep != null) {
            idleSweep.cancel(false);
        }
    }
}
