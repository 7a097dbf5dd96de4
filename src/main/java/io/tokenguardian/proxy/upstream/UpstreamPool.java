package io.tokenguardian.proxy.upstream;

import io.netty.channel.EventLoop;
import io.tokenguardian.proxy.http.BufferShare;
import io.tokenguardian.proxy.http.ProxyFault;
import java.util.function.LongSupplier;

/**
 * The upstreams of one event loop. A connection is in one of these places:
 *
 * <pre>
 *  connect ──► leased ──response──► idle ──► leased …      idle too long ──► closed
 *                │                    ▲
 *                │                    │ a request comes, and the acceptance time has come,
 *                │                    │ or another token is usable
 *                │                    │
 *                └────401─────► parked ──► leased: one waiting request at a time, over the connection
 *                                           whose replica is predicted to accept first
 * </pre>
 *
 * A request gets the idle connection that was used last, or else a new connection, or waits if {@link ReplicaSearch}
 * allows none. After the search has given up, connections to replicas that refuse the token for other reasons count as
 * idle too. No limit applies if {@link ReplicaConnector} knows of an accepting replica.
 */
public final class UpstreamPool {

    private final Prober prober;
    private final ReplicaConnector connector;
    private final ConnectionOpener opener;
    private final LongSupplier nanoTime;
    private final BufferShare share;
    private final ProxyLog log;
    private final IdleUpstreams idle;
    private final ParkedUpstreams parked = new ParkedUpstreams();
    private final LeaseQueue queue = new LeaseQueue();
    private final ReplicaSearch search;
    private final LeaseScheduler scheduler;

    private boolean closed;

    public UpstreamPool(
            EventLoop eventLoop,
            ReplicaConnector connector,
            Prober prober,
            LongSupplier nanoTime,
            int maxConnections,
            int perSecond,
            BufferShare share,
            ProxyLog log) {
        this.connector = connector;
        this.prober = prober;
        this.nanoTime = nanoTime;
        this.opener = new ConnectionOpener(eventLoop, connector, maxConnections);
        this.search = new ReplicaSearch(perSecond, nanoTime);
        this.scheduler = new LeaseScheduler(eventLoop, this, connector, queue, parked, search);
        this.share = share;
        this.log = log;
        this.idle = new IdleUpstreams(eventLoop, nanoTime);
    }

    /** Leases an upstream to {@code request}, now or later. */
    public void acquire(LeaseRequest request) {
        acquire(request, now(), true);
    }

    private void acquire(LeaseRequest request, long since, boolean mayGoDirect) {
        if (!parked.isEmpty()) {
            parked.takeOpenTo(request.tokens().usable(), now()).forEach(idle::addLast);
        }
        Upstream found = request.needsNewConnection() ? null : idle.poll();
        if (found == null && !request.needsNewConnection() && search.hasGivenUp()) {
            found = parked.takeRefusing(); // its replica sends the 401 for the caller
        }
        if (found != null) {
            request.onLeased(found.lease(Lease.Origin.IDLE));
            return;
        }
        boolean direct = mayGoDirect && connector.reachesAcceptingReplica(request); // has no limits
        if (direct || request.needsNewConnection() || search.mayConnect(request, since)) {
            connect(request, direct);
        } else {
            queue.add(request, since);
            request.onLeaseWaits();
            scheduler.setTimer();
        }
    }

    /**
     * Opens a connection that remains idle until a request needs it. Does nothing if a connection exists or is being
     * opened, or if the replicas are discovered: a request then goes to a replica that accepts.
     */
    public void connectAhead(LeaseTokens tokens) {
        if (idle.isEmpty() && parked.isEmpty() && !search.isConnecting() && !connector.knowsReplicas() && !closed) {
            connect(new ConnectionAhead(tokens), false);
        }
    }

    public ReplicaSearch search() {
        return search;
    }

    public void becameWhole(LeaseRequest request) {
        queue.becameWhole(request);
        scheduler.setTimer(); // it may now be the turn of a request that came earlier
    }

    public void cancel(LeaseRequest request) {
        queue.remove(request);
        scheduler.setTimer();
    }

    /** Makes all waiting requests try again, for example when another token comes into use. */
    public void wakeAll() {
        queue.takeAll().forEach(each -> acquire(each.request(), each.since(), true));
    }

    /** @param direct whether to use a replica's own address. If none can be reached, the service's address is used */
    void connect(LeaseRequest request, boolean direct) {
        long since = now();
        search.begun(!direct && search.isLimitedFor(request));
        opener.open(
                this, direct ? request : null, opened -> request.onLeased(opened.lease(Lease.Origin.NEW)), fault -> {
                    search.ended();
                    if (direct && fault.fault() != ProxyFault.OVERLOADED) {
                        acquire(request, since, false);
                    } else {
                        request.fail(fault.fault(), fault.detail());
                    }
                });
    }

    void probe(LeaseTokens tokens) {
        search.probeBegun();
        opener.open(this, null, opened -> prober.probe(this, opened.lease(Lease.Origin.NEW), tokens), fault -> {
            search.ended();
            probeFailed(fault);
        });
    }

    long now() {
        return nanoTime.getAsLong();
    }

    boolean isClosed() {
        return closed;
    }

    BufferShare share() {
        return share;
    }

    ProxyLog log() {
        return log;
    }

    void tokenAccepted() {
        if (search.accepted()) {
            scheduler.setTimer();
        }
    }

    /** If no accepting connection is left, probes may begin at once. */
    void acceptanceForgotten() {
        search.countAccepting(-1);
        scheduler.setTimer();
    }

    /** If this makes the search give up, the waiting requests get a 401. */
    void tokenRefused(TokenRefusal refusal, boolean newConnection) {
        if (search.refused(refusal, newConnection)) {
            wakeAll();
        }
    }

    /** Called when the response to a probe has arrived, or the probe was not sent. */
    public void probeEnded() {
        search.probeEnded();
        scheduler.setTimer();
    }

    /**
     * Called when a response to a probe can no longer arrive. The requests continue to wait, unless no replica can be
     * reached. If the fault is final, one request fails, so that the fault becomes visible.
     */
    public void probeFailed(ConnectionFault fault) {
        if (search.probeFailed()) {
            queue.takeAll().forEach(each -> each.request().fail(fault.fault(), fault.detail()));
        } else if (fault.isFinal()) {
            LeaseRequest first = queue.poll();
            if (first != null) {
                first.fail(fault.fault(), fault.detail());
            }
        }
        scheduler.setTimer();
    }

    /** Called once for each lease of a new or parked connection: after a response, or when the lease ends. */
    void shown(Lease.Origin origin) {
        if (origin == Lease.Origin.NEW) {
            search.ended();
        } else {
            parked.tryEnded();
            scheduler.setTimer();
        }
    }

    /** @param stillRefusing whether the connection was parked and has had only 401s since */
    void release(Upstream upstream, boolean stillRefusing) {
        LeaseRequest next = stillRefusing || closed ? null : queue.poll();
        if (closed) {
            upstream.abort();
        } else if (next != null) {
            next.onLeased(upstream.lease(Lease.Origin.IDLE));
            scheduler.setTimer(); // the next attempt may now be due earlier, over another connection
        } else {
            idle.add(upstream);
        }
    }

    /** After the search has given up, keeps the connection in use for its 401, unless waiting ends the refusal. */
    void park(Upstream upstream, boolean stillRefusing) {
        if (search.hasGivenUp() && upstream.tokens().firstStart() == null) {
            release(upstream, stillRefusing);
            return;
        }
        if (closed) {
            upstream.abort();
        } else {
            parked.add(upstream, now());
            scheduler.setTimer();
        }
    }

    void remove(Upstream upstream) {
        idle.remove(upstream);
        parked.remove(upstream);
    }

    /** Closes all connections that no request uses. */
    public void close() {
        closed = true;
        idle.closeAll();
        parked.closeAll();
        queue.takeAll();
        scheduler.cancelTimer();
    }
}
