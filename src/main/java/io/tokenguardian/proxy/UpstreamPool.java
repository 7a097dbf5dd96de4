package io.tokenguardian.proxy;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
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
 *                └─401, early─► aside ──crossing past, or another token in use
 *                                   │
 *                                   └─the first to cross is asked by one waiting request at a time
 * </pre>
 *
 * A request gets an idle connection, the last used first; else a new one, as long as {@link FreshAttempts} sees sense
 * in it; else it waits. Those that wait go on when any connection's replica accepts the token.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the channel, which is heard of
final class UpstreamPool {

    /** Before the API server's own 90 s (its {@code secure_serving.go}), so that it is not the server who closes. */
    static final long IDLE = Duration.ofSeconds(55).toNanos();

    private final EventLoop eventLoop;
    private final UpstreamConnector connector;
    private final LongSupplier nanoTime;
    private final int maxConnections;
    private final BufferShare share;
    private final ProxyLog log;
    private final Deque<Http1Upstream> idle = new ArrayDeque<>();
    private final AsideUpstreams aside = new AsideUpstreams();
    private final Deque<LeaseRequest> waiting = new ArrayDeque<>();
    private final Http2Links links;
    private final FreshAttempts fresh = new FreshAttempts();
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
        this.links = new Http2Links(http2);
        this.eventLoop = eventLoop;
        this.connector = connector;
        this.nanoTime = nanoTime;
    }

    /** Leases an upstream to {@code request}, now or later. */
    void acquire(LeaseRequest request) {
        if (!aside.isEmpty()) {
            aside.takeOpenTo(request.token(), nanoTime.getAsLong()).forEach(this::idle);
        }
        Http2Link link = request.fresh() || request.http1() ? null : links.free();
        Http1Upstream found = request.fresh() || link != null ? null : idle.pollFirst();
        if (link != null) {
            link.open(request);
        } else if (found != null) {
            request.leased(found);
        } else if (request.fresh() || fresh.makesSense(nanoTime.getAsLong())) {
            connect(request);
        } else {
            waiting.addLast(request);
            request.leaseWaits();
            lookLater();
        }
    }

    /** Forgets a request that waits. */
    void cancel(LeaseRequest request) {
        waiting.remove(request);
        links.forget(request);
    }

    /** Has everybody who waits ask again: for one thing, another token is in use. */
    void wakeAll() {
        List<LeaseRequest> woken = new ArrayList<>(waiting);
        waiting.clear();
        woken.forEach(this::acquire);
    }

    /**
     * Connects for {@code request}. A search for a replica that accepts the token is made over HTTP/1.1, where a 401
     * does not cost the connection.
     */
    private void connect(LeaseRequest request) {
        if (connections >= maxConnections) {
            request.leaseFailed(
                    ProxyFault.OVERLOADED, maxConnections + " connections to the API server are in use at once");
            return;
        }
        boolean offer = links.wantedBy(request) && !fresh.isSearching();
        if (offer && links.joins(request)) {
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
                    links.refused();
                    links.settled(UpstreamPool.this::acquire);
                }
            }

            @Override
            public void connected(Http2Link link) {
                link.onClosed(() -> connections--);
                links.made(link);
                sweepLater();
                link.open(request);
                links.settled(UpstreamPool.this::acquire);
            }

            @Override
            public void failed(ProxyFault fault, String detail) {
                connections--;
                fresh.ended();
                request.leaseFailed(fault, detail);
                if (offer) {
                    links.settled(each -> each.leaseFailed(fault, detail));
                }
            }
        });
    }

    /** The first answer over an HTTP/2 connection is here, or there will be none. */
    void proven() {
        fresh.ended();
    }

    /** A stream's replica has refused the token as early. */
    void refusedOverHttp2() {
        fresh.refused(nanoTime.getAsLong());
    }

    void remove(Http2Link link) {
        links.remove(link);
    }

    /** Whether {@code link}, without a stream by now, would only stay beside another that serves as well. */
    boolean canSpare(Http2Link link) {
        return links.canSpare(link);
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
        links.leaveIdleSince(now - IDLE);
        if (oldest == null && !links.isEmpty()) {
            sweepLater();
        } else if (oldest != null) {
            idleSweep = eventLoop.schedule(this::sweep, IDLE - (now - oldest.idleSince()), TimeUnit.NANOSECONDS);
        }
    }

    /** A new connection's replica has refused the token as early. */
    void refusedFresh() {
        fresh.refused(nanoTime.getAsLong());
    }

    /** A connection's replica has taken the token. */
    void accepted() {
        fresh.accepted();
        if (!waiting.isEmpty()) {
            wakeAll();
        }
    }

    /** What was to be learnt from the request under way is learnt, or never will be. */
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
        Refusal refusal = upstream.refusal();
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

    /** Sets the timer for the next thing that can help those who wait. */
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

    /** Ends every connection that no request is using. */
    void close() {
        closed = true;
        links.leaveAll();
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
