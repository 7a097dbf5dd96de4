package io.tokenguardian.proxy.upstream;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.tokenguardian.guardian.TokenSource;
import io.tokenguardian.guardian.TokenSourceKeys;
import io.tokenguardian.guardian.WaitAdvisor;
import io.tokenguardian.proxy.ProxyCounters;
import io.tokenguardian.proxy.ProxySettings;
import io.tokenguardian.proxy.RecordingObserver;
import io.tokenguardian.proxy.SettingsDraft;
import io.tokenguardian.proxy.Tokens;
import io.tokenguardian.proxy.request.LoopState;
import io.tokenguardian.proxy.request.RequestContext;
import io.tokenguardian.proxy.upstream.SimulatedReplica.Connection;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** One random world of {@link SearchWorldsTest}. Everything runs as tasks of one simulated event loop. */
@SuppressWarnings("FutureReturnValueIgnored") // the futures have listeners
final class SimulatedWorld {

    static final long SECOND = Duration.ofSeconds(1).toNanos();
    static final Instant BEGIN = Instant.parse("2026-03-15T12:00:00Z");

    /** The time during which requests begin and connections fail. */
    static final long BUSY = 15 * SECOND;

    final int seed;
    final Random random;
    final ProxySettings settings = new SettingsDraft().settings();
    final EmbeddedChannel loop = new EmbeddedChannel();
    final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
    final TokenSource source = new TokenSource();
    final ProxyCounters counters = new ProxyCounters();
    final Set<Connection> connections = new LinkedHashSet<>();
    final Set<SimulatedCaller> callers = new LinkedHashSet<>();
    final List<Token> issued = new ArrayList<>();
    final UpstreamPool pool;
    final LoopState loopState;
    final RequestContext context;
    final SearchRules rules;

    long now;
    int connecting;
    long lastWithoutToken;
    private final List<SimulatedReplica> replicas;
    private final int run;
    private int dealt;
    private int readings;
    private boolean guardianWorks = true;

    /** The tokens that the guardian keeps. */
    private List<Token> tokens = List.of();

    SimulatedWorld(int seed, SearchWorldsTest.Seen seen) {
        this.seed = seed;
        random = new Random(seed);
        rules = new SearchRules(this, seen);
        run = List.of(0, 1, 5, 12).get(random.nextInt(4));
        replicas = IntStream.rangeClosed(1, 1 + random.nextInt(5))
                .mapToObj(number -> new SimulatedReplica(this))
                .toList();
        loop.freezeTime();
        pool = UpstreamPools.on(
                loop.eventLoop(),
                UpstreamPools.context(source, new RecordingObserver(), BEGIN, this::nanoTime, random::nextDouble),
                new SimulatedConnector(this::connect));
        loopState = UpstreamPools.stateOf(pool);
        context = new RequestContext(
                settings.holdTimeout(),
                settings.replayLimit(),
                pool.context(),
                new WaitAdvisor(settings.holdTimeout(), () -> BEGIN.plusNanos(now), (status, at) -> ""),
                new Semaphore(RequestContext.MOST_HELD),
                new Semaphore(RequestContext.REPLAY_TOTAL),
                counters);
        source.onChange(pool::recheckWaiting);
    }

    void run() {
        replicas.stream().skip(1).forEach(SimulatedReplica::setClock);
        tokens = List.of(Tokens.issuedAt(BEGIN.minusSeconds(3_540)));
        issued.addAll(tokens);
        issueToken();
        guard();
        often(100, this::beginRequests);
        often(1_000, () -> one(connections).ifPresent(Connection::leave));
        often(2_000, () -> List.copyOf(connections).forEach(Connection::leave));
        often(2_000, () -> one(replicas).ifPresent(replica -> replica.unreachable ^= true));
        often(
                8_000,
                () -> one(replicas.subList(1, replicas.size())).ifPresent(replica -> replica.neverResponds ^= true));
        often(
                4_000,
                () -> one(replicas).ifPresent(replica -> {
                    replica.silent = true;
                    after(500, () -> replica.silent = false);
                }));
        often(2_000, () -> one(replicas.subList(1, replicas.size())).ifPresent(SimulatedReplica::setClock));
        often(4_000, this::issueToken);
        after(10_000, () -> guardianWorks = seed % 8 != 5);
        long last = BUSY + 2 * settings.holdTimeout().toNanos();
        while (now < BUSY || (!callers.isEmpty() && now < last)) {
            step();
        }
        pool.close();
        boolean tasksAreLeft = true;
        while (tasksAreLeft && now < 2 * last) {
            tasksAreLeft = step();
        }
        rules.lookAtEnd(tasksAreLeft);
    }

    // Time

    /** The monotonic clock. Stops work that would have no end at one point in time. */
    private long nanoTime() {
        if (++readings > 100_000) {
            rules.check(false, "work has no end");
            throw new IllegalStateException("the clock is read too often");
        }
        return now;
    }

    boolean isCalm() {
        return now >= BUSY;
    }

    /** Runs all tasks that are due, and then advances to the time of the next task. Returns whether one exists. */
    private boolean step() {
        do {
            loop.runPendingTasks();
        } while (loop.hasPendingTasks());
        loop.checkException();
        rules.look();
        long next = loop.runScheduledPendingTasks();
        loop.advanceTimeBy(Math.max(0, next), TimeUnit.NANOSECONDS);
        now += Math.max(0, next);
        readings = 0;
        return next >= 0;
    }

    void after(int millis, Runnable action) {
        loop.eventLoop().schedule(action, millis, TimeUnit.MILLISECONDS).addListener(done -> {
            if (!done.isSuccess()) {
                loop.pipeline().fireExceptionCaught(done.cause());
            }
        });
    }

    /** Runs {@code action} at random times, with this pause on average, until the world is calm. */
    private void often(int millis, Runnable action) {
        after(random.nextInt(2 * millis), () -> {
            if (!isCalm()) {
                action.run();
                often(millis, action);
            }
        });
    }

    // Changes

    private <T> Optional<T> one(Collection<T> all) {
        return all.stream().skip(random.nextInt(Math.max(1, all.size()))).findFirst();
    }

    private void beginRequests() {
        int burst = random.nextInt(20) == 0 ? 20 : 1 + random.nextInt(3);
        for (int i = 0; i < burst; i++) {
            SimulatedCaller caller = new SimulatedCaller(this);
            callers.add(caller);
            caller.begin();
        }
    }

    /** Lets a replica issue a token: usually the first replica, whose clock is right. */
    private void issueToken() {
        Token next = Tokens.issuedAt(replicas.get(random.nextInt(3) / 2 * random.nextInt(replicas.size()))
                .clock());
        tokens = Stream.concat(Stream.of(next), tokens.stream().limit(seed % 4 < 2 ? 0 : 2))
                .toList();
        issued.add(next);
    }

    /** Returns the token in the headers of a request. */
    Token tokenIn(String head) {
        return issued.stream()
                .filter(each -> head.contains(each.bearer()))
                .findFirst()
                .orElseThrow();
    }

    /** Does the guardian's work: publishes the usable tokens. */
    private void guard() {
        List<Token> usable = tokens.stream()
                .filter(token -> guardianWorks && refusing(token) < replicas.size())
                .sorted(Comparator.comparing(this::refusing))
                .toList();
        lastWithoutToken = usable.isEmpty() ? now : lastWithoutToken;
        if (!usable.isEmpty() && refusing(usable.get(0)) == 0) {
            TokenSourceKeys.use(source, usable.get(0));
        } else {
            TokenSourceKeys.usePartly(source, usable.toArray(Token[]::new));
        }
        if (!isCalm() || !callers.isEmpty()) {
            after(random.nextInt(100), this::guard);
        }
    }

    private long refusing(Token token) {
        return replicas.stream().filter(replica -> !replica.acceptsNow(token)).count();
    }

    // Connections

    /** Returns the replica that the next connection to the service reaches: at random, or after runs of some length. */
    private SimulatedReplica deal() {
        int turn = dealt++;
        return replicas.get((run == 0 ? random.nextInt(replicas.size()) : turn / run) % replicas.size());
    }

    private void connect(SimulatedConnector.Opening opening) {
        boolean limited = rules.connects();
        long begun = now;
        int lot = isCalm() ? 100 : random.nextInt(100);
        SimulatedReplica replica = deal();
        connecting++;
        after(lot == 0 ? 5_000 : random.nextInt(9), () -> {
            connecting--;
            if (lot < 3 || (replica.unreachable && !isCalm())) {
                opening.failed(lot == 0);
                return;
            }
            Connection connection = replica.new Connection();
            connections.add(connection);
            connection.channel.closeFuture().addListener(closed -> connections.remove(connection));
            rules.connected(begun, limited);
            opening.connected(connection.channel);
        });
    }
}
