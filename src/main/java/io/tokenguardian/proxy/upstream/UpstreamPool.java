package io.tokenguardian.proxy.upstream;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.ScheduledFuture;
import io.tokenguardian.concurrent.LoggedTask;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.Search;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one event loop, and the requests that wait for one. A request gets the idle connection that was
 * used last, of those whose replica accepts a usable token. Otherwise, one more connection is opened and proven, unless
 * {@link Search} allows none. The request gets whichever connection is free first. If no connection is proven within
 * {@link #HEDGE_AFTER}, more are opened in parallel. All connections beyond one for each waiting request come out of
 * the {@link ConnectionBudget}, and after failures, the next waits for the {@link FailureRow}.
 */
public final class UpstreamPool {

    /** How long a request waits for a busy connection while some replicas refuse: hardly noticeable. */
    static final long PATIENCE = Duration.ofMillis(20).toNanos();

    /**
     * After this time and again after twice this time, more connections are opened beside those under way. It is longer
     * if proofs take long.
     */
    static final long HEDGE_AFTER = Duration.ofMillis(250).toNanos();

    /** The longest timer. */
    private static final Duration LONGEST = Duration.ofMinutes(1);

    /** The number of connections under way beside slow ones: at first, after 250 ms, and after 500 ms. */
    private static final int[] BESIDE_SLOW = {1, 2, 4};

    private static final int MOST_HEDGES = BESIDE_SLOW.length - 1;

    /** A request fails after this many failed attempts, and {@link #LEAST_WAIT}. */
    private static final int LEAST_FAILURES = 3;

    /**
     * How long attempts must fail before a request does. It allows for some eight attempts: if one of three replicas is
     * dead, one request in 5,000 fails.
     */
    private static final long LEAST_WAIT = Duration.ofSeconds(3).toNanos();

    /** How long a request waits for a connection in use if no more may be opened. */
    private static final long FULL_FOR = Duration.ofSeconds(1).toNanos();

    private static final ConnectionFault FULL =
            new ConnectionFault(ProxyFault.OVERLOADED, "all connections to the API server are in use", false);

    /** A request fails if no server has responded for this long. */
    private static final long SILENT_AFTER = Duration.ofSeconds(10).toNanos();

    /** How much longer a request waits than {@link #SILENT_AFTER} if servers respond, but too slowly: 40 s in all. */
    private static final long SLOW_FOR = Duration.ofSeconds(30).toNanos();

    /** The most connections that wait, and the most that refuse. The proxy has two event loops: 32 of each. */
    static final int MOST_KEPT = 16;

    /** How long a connection may go unused: less than the API server's 90 s, and many a load balancer's 60 s. */
    static final long MOST_UNUSED = Duration.ofSeconds(55).toNanos();

    /**
     * A connection for the held requests is opened this long before the first replica is certain to accept the token. A
     * clock that was read only once is known to within a second, so its replica may accept up to a second earlier.
     */
    static final Duration AHEAD = Duration.ofSeconds(2);

    private final EventLoop eventLoop;
    private final UpstreamContext context;
    private final UpstreamConnector connector;
    private final int most;
    private final Search search;
    private final ConnectionBudget budget;
    private final FailureRow failures;

    /** Last used first. */
    private final Deque<Upstream> idle = new ArrayDeque<>();

    private final List<Upstream> waiting = new ArrayList<>();
    private final List<Upstream> refusing = new ArrayList<>();

    /** The requests that wait for a connection, the longest wait first. */
    private final Map<WaitingRequest, Wait> queue = new LinkedHashMap<>();

    /** The requests that wait for a token. */
    private final Set<WaitingRequest> held = new LinkedHashSet<>();

    private int open;

    /** The number of requests under way whose bodies are incomplete, and of tunnels. */
    private int uploads;

    /** The number of connections that are being opened or proven for the queue, apart from those in {@link #late}. */
    private int underWay;

    /**
     * The number of connections that were not proven in time. No request relies on them, but they may still be used.
     */
    private int late;

    /** Incremented when the connections under way become late. */
    private int generation;

    private long lastBegun;

    /** The number of {@link #underWay} that had been proven or refused before. */
    private int provenAgain;

    private @Nullable String refusalLength; // of the latest 401 that was the API server's own

    /** The open connections whose replica accepts a token. */
    private final Set<Upstream> accepting = new HashSet<>();

    /** The connections that carry a request unproven, and have not shown since that their replica accepts a token. */
    private final Set<Upstream> unproven = new HashSet<>();

    /** Whether a connection that accepts an older token is being proven with a newer token. */
    private boolean renewing;

    /** Whether a connection that waits is being proven again. */
    private boolean asking;

    /** Whether {@code GET /version} proves nothing, because an acceptance had no mark. */
    private boolean provesByReview;

    /** Whether an acceptance has had the mark. A response without it may then be a gateway's. */
    private boolean marksResponses;

    /** Whether the next connection carries a request without a proof, because the last proof ended its connection. */
    private boolean nextUnproven;

    /** When the first of the requests that wait began to wait, or a server last responded to a proof. */
    private long hedgeSince;

    private int hedges;

    /** How long the latest new connection took to get its first response. */
    private long took;

    private long lastResponse;
    private @Nullable ScheduledFuture<?> timer;
    private @Nullable Token bearerOf;
    private AsciiString bearer = AsciiString.EMPTY_STRING;
    private boolean draining;
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
        this.most = most;
        this.search = new Search(perSecond, Search.GIVE_UP_AFTER, context.chance());
        this.budget = context.budget();
        this.failures = context.failures();
        this.lastResponse = now();
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

    private long now() {
        return context.nanoTime().getAsLong();
    }

    private Instant instant() {
        return context.timeline().instant();
    }

    /** Returns the value of {@code Authorization}. Caches the last value, so that few requests have to build it. */
    public AsciiString bearer(Token token) {
        if (!token.equals(bearerOf)) {
            bearerOf = token;
            bearer = new AsciiString("Bearer " + token.bearer());
        }
        return bearer;
    }

    private List<Token> usable() {
        return context.tokens().usable();
    }

    boolean inDoubt() {
        return search.inDoubt();
    }

    boolean provesByReview() {
        return provesByReview && !marksResponses;
    }

    boolean marksResponses() {
        return marksResponses;
    }

    void proveByReview() {
        provesByReview = true;
    }

    /** Whether some replicas may refuse the token, so that a connection may be hard to find. */
    public boolean isLimited() {
        return search.isLimited(context.tokens().isAcceptedByEvery(), now());
    }

    /** Why new connections can't be used now; null if none was refused since the last acceptance. */
    private @Nullable Finding refusal() {
        return !search.isSearching() ? null : search.isByClock() ? Finding.NOT_YET_VALID : Finding.REFUSED;
    }

    /** Called for each refusal, by a proof or a request. */
    void onRefused(HttpResponse response) {
        search.refused(now());
        refusalLength = response.headers().get(HttpHeaderNames.CONTENT_LENGTH);
    }

    /** Whether this 401 is as long as the latest that was the API server's own. */
    boolean isAsLongAsOwn(HttpResponse response) {
        return refusalLength != null && refusalLength.equals(response.headers().get(HttpHeaderNames.CONTENT_LENGTH));
    }

    /** Called for each acceptance, over any connection. */
    void onAccepted(Upstream upstream) {
        accepting.add(upstream);
        unproven.remove(upstream);
        marksResponses |= upstream.marksResponses();
        search.accepted();
    }

    void forgetAcceptance(Upstream upstream) {
        accepting.remove(upstream);
    }

    /** Whether the replica of some open connection accepts a usable token. */
    private boolean isAccepted() {
        List<Token> usable = usable();
        return accepting.stream().anyMatch(each -> each.accepts(usable));
    }

    // Requests

    /**
     * Whether a third of the connections carry incomplete bodies or tunnels. Each of these may keep 50 KiB more in the
     * kernel, because Linux fills a segment before it looks at the limit of the socket ({@code tcp_sendmsg}).
     */
    public boolean hasManyUploads() {
        return 3 * uploads >= most;
    }

    /** Called when an incomplete body or a tunnel begins to be sent (1), and when it ends (-1). */
    public void countUpload(int change) {
        uploads += change;
    }

    /** Leases a connection to {@code request}, now or later. */
    public void acquire(WaitingRequest request) {
        budget.deposit(now());
        acquire(request, null);
    }

    /** @param wait null if it begins */
    private void acquire(WaitingRequest request, @Nullable Wait wait) {
        List<Token> usable = usable();
        Upstream found = take(request, usable);
        if (found != null) {
            lease(found, request, usable);
        } else if (!request.ownCredential() && request.unprovenToken() == null) {
            held.add(request);
            request.onHeld(null);
            setTimer();
        } else {
            if (queue.isEmpty()) {
                restartHedge();
                if (now() - lastBegun >= hedgeAfter()) {
                    giveUpUnderWay();
                }
            }
            queue.put(request, wait == null ? new Wait() : wait);
            if (request.ownCredential() && queue.size() > underWay && failures.opensIn(now()) == 0) {
                open(); // any replica will do
            }
            openMissing();
            boolean isMissing = queue.size() > underWay && queue.containsKey(request);
            if (isMissing && !request.ownCredential() && searchOpensIn() > PATIENCE) {
                request.onHeld(refusal());
            }
        }
    }

    /** The wait of a request for a connection. */
    private final class Wait {
        private final long since = now();
        private final long failuresBefore = failures.failures();

        /** Whether a connection has been opened for the request. Further ones come out of the budget. */
        private boolean opened;
    }

    private @Nullable Upstream take(WaitingRequest request, List<Token> usable) {
        Upstream found = poll(idle, each -> maySend(request, each, usable));
        if (found == null && mayGoUnproven(request, usable)) {
            found = refusing.isEmpty() ? null : refusing.remove(refusing.size() - 1);
        }
        return found != null && closeIfStale(found) ? take(request, usable) : found;
    }

    /** Removes and returns the first connection that passes {@code test}; null for none. */
    private static @Nullable Upstream poll(Collection<Upstream> upstreams, Predicate<Upstream> test) {
        for (Iterator<Upstream> all = upstreams.iterator(); all.hasNext(); ) {
            Upstream each = all.next();
            if (test.test(each)) {
                all.remove();
                return each;
            }
        }
        return null;
    }

    private boolean closeIfStale(Upstream upstream) {
        boolean stale = isStale(upstream);
        if (stale) {
            upstream.close();
        }
        return stale;
    }

    private boolean isStale(Upstream upstream) {
        return now() - upstream.usedAt() >= MOST_UNUSED;
    }

    /** Keeps a connection that has just been used. Without requests, the server closes the connections. */
    private void keepIdle(Upstream upstream) {
        idle.addFirst(upstream);
        for (Upstream last = idle.peekLast(); last != null && isStale(last); last = idle.peekLast()) {
            idle.removeLast().close();
        }
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
        if (token != null && !proven) {
            unproven.add(upstream);
        }
        request.onLeased(upstream, token, context.passThrough() || (!proven && mayGoUnproven(request, usable)));
    }

    /** Makes all waiting requests try again, because another token is usable, or the advice on waiting has changed. */
    public void recheckWaiting() {
        Map<WaitingRequest, Wait> queued = new LinkedHashMap<>(queue);
        List<WaitingRequest> withoutToken = List.copyOf(held);
        boolean goesOn = !queue.isEmpty();
        long since = hedgeSince;
        int stage = hedges;
        held.clear();
        queue.clear();
        queued.forEach(this::acquire);
        withoutToken.forEach(each -> acquire(each, null));
        if (goesOn) {
            hedgeSince = since;
            hedges = stage;
            setTimer();
        }
    }

    /** Ends the wait of {@code request}, if it is waiting. */
    public void cancel(WaitingRequest request) {
        held.remove(request);
        queue.remove(request);
    }

    /** Takes back the connection of a request that is over, unless it can't carry another request. */
    public void release(Upstream upstream) {
        upstream.rest();
        unproven.remove(upstream);
        settle(upstream);
        openMissing();
    }

    /** From now on, no request waits. The callers' handlers fail the waiting requests. */
    public void drain() {
        draining = true;
    }

    public boolean isDraining() {
        return draining;
    }

    // New connections

    private void openMissing() {
        failOverdue();
        List<Token> usable = usable();
        boolean proves = !usable.isEmpty() && !context.passThrough();
        while (!queue.isEmpty() && !closed) {
            Upstream known = proves && provenAgain < queue.size() ? takeToProve(usable) : null;
            if (known != null) {
                proveAgain(known, usable);
            } else if (wanted() <= underWay || opensIn() > 0 || !open()) {
                break;
            }
        }
        setTimer();
    }

    /** Takes a connection whose replica has not answered about a usable token, or may accept one now; null for none. */
    private @Nullable Upstream takeToProve(List<Token> usable) {
        Upstream found = poll(idle, each -> true);
        for (List<Upstream> kept : List.of(waiting, refusing)) {
            found = found == null ? poll(kept, each -> each.tokenToSend(usable) != null) : found;
        }
        return found != null && closeIfStale(found) ? takeToProve(usable) : found;
    }

    private void proveAgain(Upstream upstream, List<Token> usable) {
        Token newer = upstream.tokenToProve(usable);
        Token known = newer == null ? upstream.tokenToSend(usable) : newer;
        provenAgain++;
        proveKnown(upstream, known == null ? usable.get(0) : known, one -> provenAgain -= one.isLate() ? 0 : 1);
    }

    private void proveKnown(Upstream upstream, Token token, Consumer<UnderWay> ended) {
        UnderWay one = new UnderWay(false);
        upstream.prove(token, (finding, fault) -> {
            ended.accept(one);
            onProof(upstream, finding, fault, one);
        });
    }

    /** How many connections the queue needs. A search opens several side by side even for one request. */
    private int wanted() {
        boolean searches = search.isSearching() && !queue.isEmpty() && !isAccepted();
        int needed = hedges > 0 || late > 0 ? besideSlow() : queue.size();
        return searches ? Math.max(needed, Search.SIDE_BY_SIDE) : needed;
    }

    /** Returns the time until the next connection may be opened; {@link Search#AFTER_AN_EVENT} if an event is first. */
    private long opensIn() {
        long now = now();
        long paid = unopened() == null ? budget.opensIn(now) : 0;
        return Math.max(searchOpensIn(), Math.max(failures.opensIn(now), paid));
    }

    /** Returns the first wait for which no connection has been opened; null for none. */
    private @Nullable Wait unopened() {
        return queue.values().stream().filter(each -> !each.opened).findFirst().orElse(null);
    }

    /** Returns how long the search and the requests sent unproven keep the next connection from being opened. */
    private long searchOpensIn() {
        WaitingRequest first = first();
        if (first != null && !first.ownCredential() && sendsEnoughUnproven()) {
            return Search.AFTER_AN_EVENT;
        }
        if (!isLimited()) {
            return 0;
        }
        long now = now();
        boolean mayBeServed = isAccepted() || (underWay > 0 && !search.isSearching());
        long patience = first != null && mayBeServed ? waitOf(first).since + PATIENCE - now : 0;
        return Math.max(search.opensIn(now), patience);
    }

    /** Whether enough connections carry requests that are sent only to get their 401s. */
    private boolean sendsEnoughUnproven() {
        boolean hopeless = usable().isEmpty() || search.hasGivenUp(now());
        return hopeless && !context.passThrough() && unproven.size() + underWay + late >= MOST_KEPT;
    }

    private @Nullable WaitingRequest first() {
        return queue.isEmpty() ? null : queue.keySet().iterator().next();
    }

    /** Opens a connection, unless the pool is full or the budget is empty. Returns whether it did. */
    private boolean open() {
        Wait own = unopened();
        if (open >= most || (own == null && !budget.withdraw(now()))) {
            return false;
        }
        if (own != null) {
            own.opened = true;
        }
        open++;
        UnderWay one = new UnderWay(true);
        connector.connect(eventLoop, this, new UpstreamConnector.Outcome() {
            @Override
            public void connected(Upstream upstream) {
                upstream.channel().closeFuture().addListener(ended -> onClosed(upstream));
                onOpened(upstream, one);
            }

            @Override
            public void failed(ConnectionFault fault) {
                open--;
                one.end();
                search.found(Finding.UNREACHABLE, now());
                onLost(fault, one);
            }
        });
        return true;
    }

    private void onOpened(Upstream upstream, UnderWay one) {
        List<Token> usable = usable();
        boolean unproven = nextUnproven || search.hasGivenUp(now()) || context.passThrough();
        WaitingRequest first = first();
        if (usable.isEmpty() || unproven || (first != null && first.ownCredential())) {
            if (nextUnproven) {
                search.found(Finding.UNREACHABLE, now()); // shows nothing yet, but is one more of the search
            }
            nextUnproven = false;
            one.end();
            onResponse(one);
            restartHedge();
            offerUnproven(upstream, usable);
            openMissing();
        } else {
            upstream.prove(usable.get(0), (finding, fault) -> onProof(upstream, finding, fault, one));
        }
    }

    /** Gives a connection of whose replica nothing is known to the first request, or keeps it for a later proof. */
    private void offerUnproven(Upstream upstream, List<Token> usable) {
        WaitingRequest request = queue.keySet().stream()
                .filter(WaitingRequest::ownCredential) // first, because no other connection is opened for it
                .findFirst()
                .or(() -> queue.keySet().stream()
                        .filter(each -> each.unprovenToken() != null)
                        .findFirst())
                .orElse(null);
        if (request != null) {
            queue.remove(request);
            lease(upstream, request, usable);
        } else {
            upstream.rest();
            keepIdle(upstream);
        }
    }

    private void onProof(Upstream upstream, Finding finding, @Nullable ConnectionFault fault, UnderWay one) {
        one.end();
        boolean gaveUp = one.isNew && search.found(finding, now());
        if (fault != null) {
            onLost(fault, one);
            return;
        }
        onResponse(one);
        if (one.isNew || finding == Finding.ACCEPTED) { // else only one replica is known to respond
            restartHedge();
        }
        nextUnproven = !upstream.isReusable() && !finding.isRefusal();
        if (one.isNew && finding == Finding.ACCEPTED && upstream.closesAfterResponse()) {
            payBack();
        }
        boolean showsNothing = finding == Finding.UNREACHABLE && upstream.isReusable();
        if (showsNothing && upstream.tokenToSend(usable()) != null) {
            offerUnproven(upstream, usable());
        } else {
            settle(upstream);
        }
        WaitingRequest first = first();
        if (first != null && finding.isRefusal()) {
            first.onHeld(finding);
        }
        if (gaveUp) {
            recheckWaiting();
        } else {
            openMissing();
        }
    }

    /** Lets a request have one more connection, because the server has ended the last in good order after its proof. */
    private void payBack() {
        queue.values().stream().filter(each -> each.opened).findFirst().ifPresent(each -> each.opened = false);
    }

    /** Finds the next use of a connection that no request or proof uses. */
    private void settle(Upstream upstream) {
        if (closed || !upstream.isReusable()) {
            upstream.close();
            return;
        }
        if (upstream.isOutgrown() && upstream.hasReceivedLargeBody()) {
            List.copyOf(idle).stream().filter(Upstream::isOutgrown).forEach(Upstream::close);
            upstream.close();
            return;
        }
        List<Token> usable = usable();
        for (WaitingRequest request : queue.keySet()) {
            if (maySend(request, upstream, usable)) {
                queue.remove(request);
                lease(upstream, request, usable);
                return;
            }
        }
        if (usable.isEmpty() || context.passThrough()) {
            keepIdle(upstream);
            return;
        }
        Token token = upstream.tokenToProve(usable);
        boolean accepts = upstream.accepts(usable);
        if (token == null && !accepts) {
            keepRefusing(upstream, usable);
        } else if (token != null && accepts && !renewing) {
            renewing = true; // before the connection is idle, one connection at a time
            proveKnown(upstream, token, one -> renewing = false);
        } else if (!queue.isEmpty()) {
            proveAgain(upstream, usable); // for a request that needs a new proof
        } else {
            keepIdle(upstream);
        }
    }

    private void keepRefusing(Upstream upstream, List<Token> usable) {
        Token first = upstream.firstToBegin(usable);
        if (first == null) {
            refusing.add(upstream);
            if (refusing.size() > MOST_KEPT) {
                refusing.remove(0).close();
            }
            return;
        }
        upstream.waitFor(first);
        waiting.add(upstream);
        if (waiting.size() > MOST_KEPT) {
            Upstream last = waiting.stream()
                    .max(Comparator.comparing(each -> acceptsBy(each, usable)))
                    .orElseThrow();
            waiting.remove(last);
            last.close();
        }
    }

    private static Instant acceptsBy(Upstream upstream, List<Token> usable) {
        Token first = upstream.firstToBegin(usable);
        return first == null ? Instant.MAX : upstream.acceptsBy(first);
    }

    /** Makes the connections under way late, so that others are opened in their place. */
    private void giveUpUnderWay() {
        late += underWay;
        underWay = 0;
        provenAgain = 0;
        generation++;
    }

    /** A connection that is being opened or proven. */
    private final class UnderWay {
        private final boolean isNew;
        private final int begunIn = generation;
        private final long begun = now();

        UnderWay(boolean isNew) {
            this.isNew = isNew;
            underWay++;
            lastBegun = begun;
            if (isNew) {
                search.opened(isLimited(), begun);
                failures.begun(begun);
            }
        }

        boolean isLate() {
            return begunIn != generation;
        }

        void end() {
            if (isLate()) {
                late--;
            } else {
                underWay--;
            }
            if (isNew) {
                search.ended();
            }
        }
    }

    // Responses and failures

    private void onResponse(UnderWay one) {
        failures.responded(now());
        if (one.isNew) {
            lastResponse = now();
            took = lastResponse - one.begun;
        }
    }

    /** Called for the first response to a request over a connection. */
    void onServed() {
        if (failures.served()) {
            openMissing();
        }
    }

    private void onLost(ConnectionFault fault, UnderWay one) {
        if (one.isNew) {
            failures.failed(fault, one.begun, now());
        }
        WaitingRequest first = first();
        if (first != null && fault.isFinal()) {
            queue.remove(first);
            first.fail(fault.fault(), fault.detail());
        }
        openMissing();
    }

    /** Fails the requests for which waiting is over. */
    private void failOverdue() {
        for (WaitingRequest first = first(); first != null && failsIn(waitOf(first)) <= 0; first = first()) {
            ConnectionFault fault = isFull() ? FULL : failures.lastFault();
            queue.remove(first);
            first.fail(fault.fault(), fault.detail());
        }
    }

    /**
     * Returns the time until the wait of the first request is over, unless something happens before. It goes on while a
     * server responds, or while a replica is known that will accept the token later.
     */
    private long failsIn(Wait wait) {
        long waited = now() - wait.since;
        if (isFull()) {
            return FULL_FOR - waited;
        }
        boolean searches = search.isSearching();
        if (searches && !waiting.isEmpty()) {
            return Search.AFTER_AN_EVENT;
        }
        long silent = now() - failures.lastResponse();
        long inVain = Math.min(waited, searches ? silent : Math.max(silent, waited - SLOW_FOR));
        boolean failed = underWay + late == 0 && failures.failures() - wait.failuresBefore >= LEAST_FAILURES;
        return (failed ? LEAST_WAIT : SILENT_AFTER) - inVain;
    }

    /** Whether requests would need more connections than the pool may have. */
    private boolean isFull() {
        return open >= most && queue.size() > underWay + late;
    }

    private Wait waitOf(WaitingRequest request) {
        return Objects.requireNonNull(queue.get(request));
    }

    private void restartHedge() {
        hedgeSince = now();
        hedges = 0;
    }

    private void onClosed(Upstream upstream) {
        open--;
        upstream.onClosing();
        openMissing();
    }

    /** Called when a connection begins to be closed, which may take 3 s. It remains {@link #open} until the end. */
    void forget(Upstream upstream) {
        unproven.remove(upstream);
        idle.remove(upstream);
        waiting.remove(upstream);
        refusing.remove(upstream);
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
        if (queue.isEmpty()) {
            return mayOpenAhead()
                    ? context.untilUsable().get().map(this::untilAhead).orElse(null)
                    : null;
        }
        long now = now();
        long at = hedges < MOST_HEDGES ? hedgeSince + (hedges + 1) * hedgeAfter() - now : Long.MAX_VALUE;
        at = Math.min(at, failsIn(waitOf(Objects.requireNonNull(first()))));
        if (wanted() > underWay && open < most) {
            at = Math.min(at, opensIn());
        }
        Upstream first = firstToAsk();
        if (first != null) {
            Duration left = Duration.between(instant(), askAt(first));
            at = Math.min(at, left.compareTo(LONGEST) < 0 ? left.toNanos() : LONGEST.toNanos());
        }
        return at == Long.MAX_VALUE ? null : Duration.ofNanos(at);
    }

    private Duration untilAhead(Duration untilUsable) {
        Duration opens = Duration.ofNanos(opensIn());
        Duration left = untilUsable.minus(AHEAD);
        return left.compareTo(opens) < 0 ? opens : left;
    }

    private void onTimer() {
        timer = null;
        if (queue.isEmpty()) {
            if (mayOpenAhead() && opensIn() == 0) {
                open();
            }
            return;
        }
        Upstream first = firstToAsk();
        if (first != null && !instant().isBefore(askAt(first))) {
            ask(first);
        }
        hedge();
        openMissing();
        if (wanted() > underWay && searchOpensIn() > 0) {
            List.copyOf(queue.keySet())
                    .subList(Math.min(underWay, queue.size()), queue.size())
                    .forEach(each -> each.onHeld(refusal()));
        }
    }

    private boolean mayOpenAhead() {
        return !held.isEmpty() && underWay + late == 0 && idle.isEmpty() && waiting.isEmpty() && refusing.isEmpty();
    }

    private void hedge() {
        if (hedges < MOST_HEDGES && now() - hedgeSince >= (hedges + 1) * hedgeAfter()) {
            giveUpUnderWay();
            hedges++;
        }
    }

    /**
     * Returns four times as long as a proof takes, within bounds: if servers are slow, more connections do not help.
     */
    private long hedgeAfter() {
        return Math.min(Upstream.PROOF_TIME.toNanos(), Math.max(HEDGE_AFTER, 4 * took));
    }

    /** How many connections are needed beside slow ones: few, unless only some of the servers are slow. */
    private int besideSlow() {
        WaitingRequest first = first();
        boolean someAreFast = first != null && lastResponse - waitOf(first).since > 0 && hedgeAfter() == HEDGE_AFTER;
        int many = someAreFast ? Math.min(queue.size(), Search.SIDE_BY_SIDE) : 0;
        return Math.max(BESIDE_SLOW[hedges], many);
    }

    /** Returns the connection whose replica will accept first; null for none, or while one is being proven. */
    private @Nullable Upstream firstToAsk() {
        List<Token> usable = usable();
        return asking
                ? null
                : waiting.stream()
                        .filter(each -> each.firstToBegin(usable) != null)
                        .min(Comparator.comparing(each -> acceptsBy(each, usable)))
                        .orElse(null);
    }

    /** While another replica accepts, no proof is sent only to find out more precisely when this replica will. */
    private Instant askAt(Upstream upstream) {
        return !isAccepted() ? upstream.askAt() : acceptsBy(upstream, usable());
    }

    private void ask(Upstream upstream) {
        List<Token> usable = usable();
        Token newer = upstream.tokenToProve(usable);
        Token token = newer == null ? upstream.firstToBegin(usable) : newer;
        waiting.remove(upstream);
        if (token == null) {
            release(upstream);
            return;
        }
        asking = true;
        proveKnown(upstream, token, one -> asking = false);
    }

    /** Closes all connections that no request uses. */
    public void close() {
        closed = true;
        held.clear();
        queue.clear();
        List.copyOf(idle).forEach(Upstream::close);
        List.copyOf(waiting).forEach(Upstream::close);
        List.copyOf(refusing).forEach(Upstream::close);
        setTimer();
    }
}
