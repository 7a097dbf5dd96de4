package io.tokenguardian.proxy.upstream;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.tokenguardian.concurrent.LoggedTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Decides when the next waiting request of an {@link UpstreamPool} is served, and over which connection. */
final class LeaseScheduler {

    private final EventLoop eventLoop;
    private final UpstreamPool pool;
    private final ReplicaConnector connector;
    private final LeaseQueue queue;
    private final ParkedUpstreams parked;
    private final ReplicaSearch search;
    private @Nullable ScheduledFuture<?> timer;

    LeaseScheduler(
            EventLoop eventLoop,
            UpstreamPool pool,
            ReplicaConnector connector,
            LeaseQueue queue,
            ParkedUpstreams parked,
            ReplicaSearch search) {
        this.eventLoop = eventLoop;
        this.pool = pool;
        this.connector = connector;
        this.queue = queue;
        this.parked = parked;
        this.search = search;
    }

    /** Sets the timer for the next attempt that may help waiting requests. Cancels any earlier timer. */
    void setTimer() {
        cancelTimer();
        LeaseQueue.Waiting waiting = queue.first();
        if (waiting == null || pool.isClosed()) {
            return;
        }
        long now = pool.now();
        long moment = search.nextAttempt(waiting.request(), waiting.since());
        ParkedUpstreams.Parked first = parked.firstToTry();
        if (first != null && attemptAt(first) - moment < 0) {
            moment = attemptAt(first);
        }
        timer = eventLoop.schedule(new LoggedTask(this::serveNext), Math.max(0, moment - now), TimeUnit.NANOSECONDS);
    }

    void cancelTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    /**
     * While other replicas accept the token, no request is sent only to find out more precisely when this replica will.
     */
    private long attemptAt(ParkedUpstreams.Parked first) {
        return search.isSearching() || first.start() == null
                ? first.nextAttempt()
                : first.start().latest();
    }

    private void serveNext() {
        timer = null;
        LeaseQueue.Waiting waiting = queue.first();
        if (waiting == null) {
            return;
        }
        ParkedUpstreams.Parked first = parked.firstToTry();
        if (first != null && pool.now() - attemptAt(first) >= 0) {
            queue.poll();
            parked.tryFirst(first);
            waiting.request().onLeased(first.upstream().lease(Lease.Origin.PARKED));
        } else {
            boolean direct = connector.reachesAcceptingReplica(waiting.request());
            if (direct || search.mayConnect(waiting.request(), waiting.since())) {
                queue.poll();
                pool.connect(waiting.request(), direct);
            } else if (search.isByProbesFor(waiting.request()) && search.mayProbe()) {
                pool.probe(waiting.request().tokens());
            }
        }
        setTimer();
    }
}
