package io.tokenguardian.proxy;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
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

    /** Before the API server's own 90 s, so that it is not the server who closes (facts on connections; Go's default). */
    static final long IDLE = Duration.ofSeconds(55).toNanos();

    /** More connections than this to replicas that refuse tell nothing new. */
    static final int MAX_ASIDE = 8;

    private final EventLoop eventLoop;
    private final UpstreamConnector connector;
    private final LongSupplier nanoTime;
    private final Deque<Http1Upstream> idle = new ArrayDeque<>();
    private final List<Http1Upstream> aside = new ArrayList<>();
    private final Deque<LeaseRequest> waiting = new ArrayDeque<>();
    private final Http2Mode http2;
    private final List<Http2Link> links = new ArrayList<>();
    private final Deque<LeaseRequest> awaitingLink = new ArrayDeque<>();
    private boolean linkUnderWay;
    private boolean http1Only;
    private final FreshAttempts fresh = new FreshAttempts();
    private @Nullable Http1Upstream asked;
    private @Nullable ScheduledFuture<?> nextLook;
    private @Nullable ScheduledFuture<?> idleSweep;
    private boolean closed;

    UpstreamPool(EventLoop eventLoop, UpstreamConnector connector, Http2Mode http2, LongSupplier nanoTime) {
        this.http2 = http2;
        this.eventLoop = eventLoop;
        this.connector = connector;
        this.nanoTime = nanoTime;
    }

    /** Leases an upstream to {@code request}, now or later. */
    void acquire(LeaseRequest request) {
        if (!aside.isEmpty()) {
            reconsider(request.token());
        }
        Http2Link link = request.fresh() || request.http1() ? null : link();
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
        awaitingLink.remove(request);
    }

    /** Has everybody who waits ask again: for one thing, another token is in use. */
    void wakeAll() {
        List<LeaseRequest> woken = new ArrayList<>(waiting);
        waiting.clear();
        woken.forEach(this::acquire);
    }

    private @Nullable Http2Link link() {
        for (Http2Link link : links) {
            if (link.takesStreams()) {
                return link;
            }
        }
        return null;
    }

    /**
     * Connects for {@code request}. With HTTP/2 one connection is for all: while it is being made others wait for it.
     * A search for a replica that accepts the token is made over HTTP/1.1, where a 401 does not cost the connection.
     */
    private void connect(LeaseRequest request) {
        boolean offer = http2 == Http2Mode.AUTO && !http1Only && !request.http1() && !fresh.isSearching();
        if (offer && linkUnderWay) {
            awaitingLink.addLast(request);
            return;
        }
        linkUnderWay |= offer;
        fresh.begun();
        connector.connect(eventLoop, this, offer, new UpstreamConnector.Outcome() {
            @Override
            public void connected(Http1Upstream upstream) {
                http1Only |= offer;
                request.leased(upstream);
                linkIsThere(offer);
            }

            @Override
            public void connected(Http2Link link) {
                links.add(link);
                sweepLater();
                link.open(request);
                linkIsThere(offer);
            }

            @Override
            public void failed(ProxyFault fault, String detail) {
                fresh.ended();
                request.leaseFailed(fault, detail);
                if (offer) {
                    linkUnderWay = false;
                    List<LeaseRequest> failed = new ArrayList<>(awaitingLink);
                    awaitingLink.clear();
                    failed.forEach(each -> each.leaseFailed(fault, detail));
                }
            }
        });
    }

    private void linkIsThere(boolean offered) {
        if (offered) {
            linkUnderWay = false;
            List<LeaseRequest> others = new ArrayList<>(awaitingLink);
            awaitingLink.clear();
            others.forEach(this::acquire);
        }
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

    long now() {
        return nanoTime.getAsLong();
    }

    /** Puts those back among the idle ones that {@code token} may be tried on. */
    private void reconsider(@Nullable Token token) {
        long now = nanoTime.getAsLong();
        for (Iterator<Http1Upstream> each = aside.iterator(); each.hasNext(); ) {
            Http1Upstream upstream = each.next();
            Refusal refusal = upstream.refusal();
            if (refusal == null
                    || !refusal.token().equals(token)
                    || now - refusal.crossing().latest() >= 0) {
                each.remove();
                idle(upstream);
            }
        }
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
        List.copyOf(links).stream().filter(link -> link.isIdleSince(now - IDLE)).forEach(Http2Link::leave);
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
        long now = nanoTime.getAsLong();
        upstream.nextQuestion(refusal.crossing().nextQuestion(now));
        aside.add(upstream);
        if (aside.size() > MAX_ASIDE) {
            aside.stream().max(FIRST_TO_CROSS).ifPresent(Http1Upstream::abort);
        }
        lookLater();
    }

    private static final Comparator<Http1Upstream> FIRST_TO_CROSS = (a, b) -> Long.signum(latest(a) - latest(b));

    private static long latest(Http1Upstream upstream) {
        Refusal refusal = upstream.refusal();
        return refusal == null ? Long.MIN_VALUE / 2 : refusal.crossing().latest();
    }

    void remove(Http1Upstream upstream) {
        if (!idle.isEmpty()) {
            idle.remove(upstream);
        }
        if (!aside.isEmpty()) {
            aside.remove(upstream);
        }
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
        Http1Upstream first = aside.stream().min(FIRST_TO_CROSS).orElse(null);
        if (first != null && first.nextQuestion() - moment < 0) {
            moment = first.nextQuestion();
        }
        nextLook = eventLoop.schedule(this::look, Math.max(0, moment - now), TimeUnit.NANOSECONDS);
    }

    private void look() {
        nextLook = null;
        long now = nanoTime.getAsLong();
        Http1Upstream first = aside.stream().min(FIRST_TO_CROSS).orElse(null);
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
        List.copyOf(links).forEach(Http2Link::leave);
        List.copyOf(idle).forEach(Http1Upstream::abort);
        List.copyOf(aside).forEach(Http1Upstream::abort);
        waiting.clear();
        if (nextLook != null) {
            nextLook.cancel(false);
        }
        if (idleSweep != null) {
            idleSweep.cancel(false);
        }
    }
}
