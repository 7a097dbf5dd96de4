package io.tokenguardian.proxy.upstream;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.concurrent.ScheduledFuture;
import io.tokenguardian.concurrent.LoggedTask;
import io.tokenguardian.proxy.upstream.Openings.Attempt;
import io.tokenguardian.proxy.upstream.Openings.Demand;
import io.tokenguardian.proxy.upstream.Openings.Obstacle;
import io.tokenguardian.proxy.upstream.Openings.Opening;
import io.tokenguardian.proxy.upstream.WaitingRequests.Wait;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.Search;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Finds a connection of one event loop for each request: the idle one that was used last, of those whose replica
 * accepts a usable token; otherwise whichever is free or proven first. {@link Openings} decides when to open more,
 * {@link WaitingRequests} holds the requests, and {@link UpstreamState} shows what a connection is used for.
 */
public final class UpstreamPool {

    /** The longest timer. */
    private static final Duration LONGEST = Duration.ofMinutes(1);

    private final EventLoop eventLoop;
    private final UpstreamContext context;
    private final UpstreamConnector connector;
    private final Search search;
    private final Openings openings;
    private final Connections connections;
    private final WaitingRequests waiting = new WaitingRequests();
    private final ServerTraits traits = new ServerTraits();

    /** Whether the next connection carries a request without a proof, because the last proof ended its connection. */
    private boolean nextUnproven;

    private @Nullable ScheduledFuture<?> timer;
    private boolean closed;

    /**
     * @param most the most open connections
     * @param perSecond the most new connections per second while some replicas refuse the token
     */
    public UpstreamPool(
            EventLoop eventLoop, UpstreamContext context, UpstreamConnector connector, int most, int perSecond) {
        this.eventLoop = eventLoop;
        this.context = context;
        this.connector = connector;
        this.connections = new Connections(context.nanoTime());
        this.search = new Search(perSecond, Search.GIVE_UP_AFTER, context.chance());
        this.openings = new Openings(most, search, context.budget(), context.failures(), now());
    }

    UpstreamContext context() {
        return context;
    }

    public EventLoop eventLoop() {
        return eventLoop;
    }

    Search search() {
        return search;
    }

    Openings openings() {
        return openings;
    }

    Connections connections() {
        return connections;
    }

    ServerTraits traits() {
        return traits;
    }

    private long now() {
        return context.nanoTime().getAsLong();
    }

    private List<Token> usable() {
        return context.tokens().usable();
    }

    /** Whether some replicas may refuse the token, so that a connection may be hard to find. */
    public boolean isLimited() {
        return search.isLimited(context.tokens().isAcceptedByEvery(), now());
    }

    /** Why new connections can't be used now; null if none was refused since the last acceptance. */
    private @Nullable Finding whyLimited() {
        return !search.isSearching() ? null : search.isByClock() ? Finding.NOT_YET_VALID : Finding.REFUSED;
    }

    /** Called for each refusal by the API server itself, of a proof or a request. */
    void noteOwn401(HttpResponse response) {
        search.refused(now());
        traits.noteOwn401(response);
    }

    /** Called for each acceptance, over any connection. */
    void onAcceptance(boolean marked) {
        search.accepted();
        traits.onAcceptance(marked);
    }

    /** Called for the first response to a request over a connection. */
    void onServed() {
        if (context.failures().served()) {
            openMissing();
        }
    }

    // Requests

    /** Leases a connection to {@code request}, now or later. */
    public void acquire(WaitingRequest request) {
        context.budget().deposit(now());
        acquire(request, null);
    }

    /** @param begun null if the wait for a connection begins now */
    private void acquire(WaitingRequest request, @Nullable Wait begun) {
        List<Token> usable = usable();
        Upstream found = unused(request, usable);
        if (found != null) {
            lease(found, request, usable);
        } else if (!request.ownCredential() && request.unprovenToken() == null) {
            waiting.addForToken(request);
            request.onHeld("no-token", null);
        } else {
            if (begun == null && waiting.isEmpty()) {
                openings.waitBegins(now());
            }
            boolean own = request.ownCredential();
            waiting.addForConnection(
                    request, begun == null ? new Wait(now(), context.failures().failures(), own) : begun);
            openMissing();
            boolean isMissing = waiting.size() > openings.underWay() && waiting.isWaiting(request);
            Opening next = openings.allowed(demand(), now());
            if (isMissing && !own && next.obstacle() == Obstacle.SEARCH && next.in() > Openings.PATIENCE) {
                request.onHeld("search", whyLimited());
            }
        }
    }

    /** Makes all waiting requests try again, because another token is usable, or the advice on waiting has changed. */
    public void recheckWaiting() {
        waiting.removeAll().forEach(this::acquire);
    }

    /** Ends the wait of {@code request}, if it is waiting. */
    public void cancel(WaitingRequest request) {
        waiting.remove(request);
    }

    /** Takes back the connection of a request that is over, unless it can't carry another request. */
    public void release(Upstream upstream) {
        upstream.endUse();
        useNext(upstream);
        openMissing();
    }

    /** Returns a connection that no request uses and that may carry {@code request}; null for none. */
    private @Nullable Upstream unused(WaitingRequest request, List<Token> usable) {
        Upstream found = connections.last(UpstreamState.IDLE, each -> maySend(request, each, usable));
        if (found == null && mayGoUnproven(request, usable)) {
            found = connections.last(UpstreamState.REFUSING, each -> true);
        }
        return found;
    }

    private boolean maySend(WaitingRequest request, Upstream upstream, List<Token> usable) {
        return upstream.accepts(usable) ? request.mayUseProofOf(upstream.provenAt()) : mayGoUnproven(request, usable);
    }

    private boolean mayGoUnproven(WaitingRequest request, List<Token> usable) {
        boolean allowed = usable.isEmpty() || context.passThrough() || search.hasGivenUp(now());
        return request.ownCredential() || (allowed && request.unprovenToken() != null);
    }

    private void lease(Upstream upstream, WaitingRequest request, List<Token> usable) {
        boolean proven = upstream.accepts(usable);
        Token known = upstream.tokenToSend(usable);
        Token token = request.ownCredential() ? null : known == null ? request.unprovenToken() : known;
        upstream.lease(token != null && !proven);
        request.onLeased(upstream, token, context.passThrough() || (!proven && mayGoUnproven(request, usable)));
    }

    // Connections that are free

    /** Finds the next use of a connection that no request or proof uses. */
    private void useNext(Upstream upstream) {
        List<Token> usable = usable();
        if (closed || !upstream.isReusable()) {
            upstream.close();
        } else if (!leaseToFirst(upstream, usable)) {
            keep(upstream, usable);
        }
    }

    /** Leases the connection to the first request that may be sent over it. Returns whether one was found. */
    private boolean leaseToFirst(Upstream upstream, List<Token> usable) {
        WaitingRequest request = waiting.first(each -> maySend(each, upstream, usable));
        if (request != null) {
            waiting.remove(request);
            lease(upstream, request, usable);
        }
        return request != null;
    }

    private void keep(Upstream upstream, List<Token> usable) {
        if (usable.isEmpty() || context.passThrough()) {
            connections.keepIdle(upstream);
            return;
        }
        Token better = upstream.tokenToProve(usable);
        boolean accepts = upstream.accepts(usable);
        if (better == null && !accepts) {
            connections.keepRefusing(upstream, usable);
        } else if (better != null && accepts && !openings.isUnderWay(Attempt.Purpose.RENEWAL)) {
            prove(upstream, better, Attempt.Purpose.RENEWAL); // before the connection is idle, one at a time
        } else if (!waiting.isEmpty()) {
            proveAgain(upstream, Attempt.Purpose.AGAIN); // for a request that needs a new proof
        } else {
            connections.keepIdle(upstream);
        }
    }

    // Proofs over known connections

    private void proveAgain(Upstream upstream, Attempt.Purpose purpose) {
        List<Token> usable = usable();
        Token token = upstream.tokenToProve(usable);
        if (token == null) {
            token = purpose == Attempt.Purpose.MOMENT ? upstream.firstToBegin(usable) : upstream.tokenToSend(usable);
        }
        prove(upstream, token == null ? usable.get(0) : token, purpose);
    }

    private void prove(Upstream upstream, Token token, Attempt.Purpose purpose) {
        Attempt attempt = openings.begin(purpose, false, now());
        upstream.prove(token, (finding, fault) -> onProof(upstream, finding, fault, attempt));
    }

    /** Returns the connection whose replica will accept first; null for none, or while one is being proven. */
    private @Nullable Upstream firstToAsk() {
        return openings.isUnderWay(Attempt.Purpose.MOMENT) ? null : connections.firstToAccept(usable());
    }

    /** While another replica accepts, no proof is sent only to find out more precisely when this replica will. */
    private Instant askAt(Upstream upstream) {
        return connections.isAccepted(usable()) ? upstream.acceptsFirstBy(usable()) : upstream.askAt();
    }

    // New connections

    private Demand demand() {
        boolean onlyFor401 = (usable().isEmpty() || search.hasGivenUp(now())) && !context.passThrough();
        WaitingRequest first = waiting.first();
        return new Demand(
                waiting.size(),
                first == null ? null : waiting.wait(first),
                waiting.withoutConnection(),
                connections.size() + openings.connecting(),
                context.tokens().isAcceptedByEvery(),
                connections.isAccepted(usable()),
                onlyFor401 ? connections.unproven() : -1,
                !connections.isEmpty(UpstreamState.EARLY));
    }

    /** Proves or opens connections for the requests that wait. Called when a connection has ended, too. */
    void openMissing() {
        failOverdue();
        if (!waiting.isEmpty()) {
            openings.hedge(now());
        }
        List<Token> usable = usable();
        boolean proves = !usable.isEmpty() && !context.passThrough();
        while (!waiting.isEmpty() && !closed) {
            Upstream known =
                    proves && openings.provenAgain() < waiting.size() ? connections.toProveAgain(usable) : null;
            if (known != null) {
                proveAgain(known, Attempt.Purpose.AGAIN);
            } else if (!openings.next(demand(), now()).isNow() || !connect()) {
                break;
            }
        }
        setTimer();
    }

    /** Fails the requests for which waiting is over. */
    private void failOverdue() {
        for (WaitingRequest first = waiting.first(); first != null; first = waiting.first()) {
            Demand demand = demand();
            if (openings.endsIn(demand, now()) > 0) {
                return;
            }
            ConnectionFault fault = openings.fault(demand);
            waiting.remove(first);
            first.fail(fault.fault(), fault.detail());
        }
    }

    /** Opens a connection, unless the budget is empty. Returns whether it did. */
    private boolean connect() {
        Wait paid = waiting.withoutConnection();
        if (paid == null && !context.budget().withdraw(now())) {
            return false; // the other event loop has just used the budget
        }
        if (paid != null) {
            paid.hasConnection = true;
        }
        Attempt attempt = openings.begin(Attempt.Purpose.NEW, isLimited(), now());
        connector.connect(eventLoop, this, new UpstreamConnector.Outcome() {
            @Override
            public void connected(Upstream upstream) {
                attempt.connected();
                onConnected(upstream, attempt);
            }

            @Override
            public void failed(ConnectionFault fault) {
                openings.end(attempt, Finding.UNREACHABLE, now());
                onLost(fault, attempt);
            }
        });
        return true;
    }

    private void onConnected(Upstream upstream, Attempt attempt) {
        List<Token> usable = usable();
        boolean unproven = nextUnproven || search.hasGivenUp(now()) || context.passThrough();
        WaitingRequest first = waiting.first();
        if (usable.isEmpty() || unproven || (first != null && first.ownCredential())) {
            // It shows nothing yet, but is one more of the search.
            openings.end(attempt, nextUnproven ? Finding.UNREACHABLE : null, now());
            nextUnproven = false;
            openings.responded(attempt, now());
            openings.restartHedge(now());
            leaseUnproven(upstream, usable);
            openMissing();
        } else {
            upstream.prove(usable.get(0), (finding, fault) -> onProof(upstream, finding, fault, attempt));
        }
    }

    /** Gives a connection of whose replica nothing is known to the first request, or keeps it for a later proof. */
    private void leaseUnproven(Upstream upstream, List<Token> usable) {
        WaitingRequest own = waiting.first(WaitingRequest::ownCredential); // no other connection is opened for it
        WaitingRequest request = own != null ? own : waiting.first(each -> each.unprovenToken() != null);
        if (request != null) {
            waiting.remove(request);
            lease(upstream, request, usable);
        } else {
            upstream.endUse();
            connections.keepIdle(upstream);
        }
    }

    private void onProof(Upstream upstream, Finding finding, @Nullable ConnectionFault fault, Attempt attempt) {
        boolean gaveUp = openings.end(attempt, finding, now());
        if (fault != null) {
            onLost(fault, attempt);
            return;
        }
        openings.responded(attempt, now());
        if (attempt.isNew() || finding == Finding.ACCEPTED) { // else only one replica is known to respond
            openings.restartHedge(now());
        }
        nextUnproven = !upstream.isReusable() && !finding.isRefusal();
        if (attempt.isNew() && finding == Finding.ACCEPTED && upstream.closesAfterResponse()) {
            waiting.payBack();
        }
        boolean showsNothing = finding == Finding.UNREACHABLE && upstream.isReusable();
        if (showsNothing && upstream.tokenToSend(usable()) != null) {
            leaseUnproven(upstream, usable());
        } else {
            useNext(upstream);
        }
        WaitingRequest first = waiting.first();
        if (first != null && finding.isRefusal()) {
            first.onHeld("refused", finding);
        }
        if (gaveUp) {
            recheckWaiting();
        } else {
            openMissing();
        }
    }

    private void onLost(ConnectionFault fault, Attempt attempt) {
        openings.failed(attempt, fault, now());
        WaitingRequest first = waiting.first();
        if (first != null && fault.isFinal()) {
            waiting.remove(first);
            first.fail(fault.fault(), fault.detail());
        }
        openMissing();
    }

    // Time

    private void setTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
        Duration left = closed ? null : untilNext();
        if (left != null) {
            timer = eventLoop.schedule(
                    new LoggedTask(this::onTimer), Math.max(0, left.toNanos()), TimeUnit.NANOSECONDS);
        }
    }

    /** Returns the time until waiting requests may be helped without an event; null if nothing is to be done. */
    private @Nullable Duration untilNext() {
        if (waiting.isEmpty()) {
            return null;
        }
        Demand demand = demand();
        long in = Math.min(openings.next(demand, now()).in(), openings.endsIn(demand, now()));
        Upstream first = firstToAsk();
        if (first != null) {
            Duration left = Duration.between(context.timeline().instant(), askAt(first));
            in = Math.min(in, left.compareTo(LONGEST) < 0 ? left.toNanos() : LONGEST.toNanos());
        }
        return in == Search.AFTER_AN_EVENT ? null : Duration.ofNanos(in);
    }

    private void onTimer() {
        timer = null;
        if (waiting.isEmpty()) {
            return;
        }
        Upstream first = firstToAsk();
        if (first != null && !context.timeline().instant().isBefore(askAt(first))) {
            proveAgain(first, Attempt.Purpose.MOMENT);
        }
        openMissing();
        if (openings.next(demand(), now()).obstacle() == Obstacle.SEARCH) {
            waiting.after(openings.underWay()).forEach(each -> each.onHeld("search", whyLimited()));
        }
    }

    /** Closes all connections that no request uses. */
    public void close() {
        closed = true;
        waiting.removeAll();
        connections.closeUnused();
        setTimer();
    }
}
