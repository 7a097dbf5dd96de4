package io.tokenguardian.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.guardian.TokenSource;
import io.tokenguardian.guardian.TokenSourceKeys;
import io.tokenguardian.proxy.Tokens;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random worlds in simulated time. A world has one to five replicas, whose clocks are up to three minutes apart. One
 * replica always accepts the token. In half of the worlds the replicas are discovered, and in half an older token,
 * which expires soon, is usable too. Clocks are set. Connections go to replicas in turn, at random or in long runs, and
 * break. Callers come in bursts. No request waits while a connection to an accepting replica is idle, or while a
 * replica is known to accept, or longer than the patience while the search may go on. No connection goes to a replica
 * that is known to refuse while another is known to accept. No replica gets a token that it has just refused instead of
 * a token that it accepts.
 */
class SearchWorldsTest {

    private static final int WORLDS = 300;
    private static final long MILLISECOND = Duration.ofMillis(1).toNanos();
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long STEP = 2 * MILLISECOND;

    /** The time during which requests begin. */
    private static final long BUSY = 15 * SECOND;

    /**
     * After 24 connections, the search opens a connection at least every two seconds. It finds the accepting replica
     * within this time.
     */
    private static final long SEARCH = 60 * SECOND;

    private static final Instant ISSUED = Instant.parse("2026-03-01T12:00:00Z");

    private final SimulatedToken newest = new SimulatedToken(Tokens.issuedAt(ISSUED), 0, Long.MAX_VALUE / 2);
    private final SimulatedToken older = new SimulatedToken(Tokens.issuedAt(ISSUED), Long.MIN_VALUE / 2, 60 * SECOND);
    private final TokenSource source = new TokenSource();
    private World world = new World(0, false, false);

    @Test
    void noRequestWaitsIfAnAcceptingReplicaIsReachable() {
        int refusals = 0;
        int requests = 0;
        int passedOn = 0;
        int withOlder = 0;
        for (int seed = 0; seed < WORLDS; seed++) {
            world = new World(seed, seed % 2 == 0, seed % 4 >= 2);
            world.run();
            refusals += world.refusals;
            requests += world.requests.size();
            passedOn += world.passedOn;
            withOlder += world.withOlder;

            assertThat(world.requests).as("seed %d", seed).allMatch(request -> request.answered);
            assertThat(world.idleWhileWaiting).as("seed %d", seed).isEmpty();
            assertThat(world.mayGoOn).as("seed %d", seed).isEmpty();
            assertThat(world.toRefusing).as("seed %d", seed).isEmpty();
            assertThat(world.refusedAgain).as("seed %d", seed).isEmpty();
        }
        assertThat(requests).isGreaterThan(10_000);
        assertThat(refusals).isGreaterThan(1_000);
        assertThat(passedOn).isLessThan(requests / 1_000);
        assertThat(withOlder).isGreaterThan(100);
    }

    /** A token that is valid from one instant until another, in nanoseconds of the world's time. */
    private record SimulatedToken(Token token, long from, long until) {}

    private final class SimulatedReplica implements ApiServer.Discovered {
        final ApiServerAddress address;
        /** How far the replica's clock is ahead of the world's time, in nanoseconds. */
        long ahead;
        /** Whether the replica accepts no token. */
        boolean withoutKey;
        /** The tokens that the replica accepts, according to its last probe. */
        List<Token> known = List.of();
        /** Whether connections to the replica's own address fail. */
        boolean unreachable;

        SimulatedReplica(int number) {
            address = new ApiServerAddress("10.0.0." + number, 6443, "kubernetes");
        }

        boolean accepts(SimulatedToken token) {
            long clock = world.now + ahead;
            return !withoutKey && clock >= token.from() && clock < token.until();
        }

        List<Token> accepted() {
            return world.tokens.stream()
                    .filter(this::accepts)
                    .map(SimulatedToken::token)
                    .toList();
        }

        void setClock(Random random) {
            ahead = (random.nextInt(360) - 180) * SECOND;
            withoutKey = random.nextInt(10) == 0;
        }

        @Override
        public ApiServerAddress address() {
            return address;
        }

        @Override
        public boolean accepts(Token asked) {
            return known.contains(asked);
        }
    }

    private final class World {
        final Random random;
        final EmbeddedChannel loop = new EmbeddedChannel();
        final List<SimulatedReplica> replicas = new ArrayList<>();
        final Map<Upstream, SimulatedReplica> connections = new HashMap<>();
        /** For each connection, when each token was last refused. */
        final Map<Upstream, Map<Token, Long>> refusedAt = new HashMap<>();

        final List<Request> requests = new ArrayList<>();
        final List<Work> atWork = new ArrayList<>();
        final List<String> idleWhileWaiting = new ArrayList<>();
        final List<String> mayGoOn = new ArrayList<>();
        final List<String> toRefusing = new ArrayList<>();
        final List<String> refusedAgain = new ArrayList<>();
        final List<SimulatedToken> tokens;
        final ReplicaConnector connector;
        final UpstreamPool pool;
        final int dealing;
        long now;
        long couldConnectSince;
        long couldGoDirectSince;
        int dealt;
        int refusals;
        /** The number of 401s that callers get. */
        int passedOn;
        /** The number of requests that are accepted with the older token. */
        int withOlder;

        World(int seed, boolean discovered, boolean withOlder) {
            random = new Random(seed);
            tokens = withOlder ? List.of(newest, older) : List.of(newest);
            TokenSourceKeys.usePartly(
                    source, tokens.stream().map(SimulatedToken::token).toArray(Token[]::new));
            loop.freezeTime();
            connector = new ReplicaConnector(
                    new SimulatedConnector(this, null),
                    () -> discovered ? List.copyOf(replicas) : List.of(),
                    () -> now,
                    random::nextDouble);
            pool = UpstreamPools.on(
                    loop.eventLoop(), () -> now, connector, (of, lease, tokens) -> new Probe(this, of, lease));
            dealing = random.nextInt(3);
            int count = 1 + random.nextInt(5);
            for (int i = 0; i < count; i++) {
                SimulatedReplica replica = new SimulatedReplica(i);
                if (i > 0) {
                    replica.setClock(random);
                }
                replicas.add(replica);
            }
        }

        SimulatedReplica deal() {
            int turn = dealt++;
            return switch (dealing) {
                case 0 -> replicas.get(turn % replicas.size());
                case 1 -> replicas.get(random.nextInt(replicas.size()));
                default -> replicas.get(turn / 5 % replicas.size());
            };
        }

        void run() {
            while (now < BUSY + SEARCH && (now < BUSY || !requests.stream().allMatch(request -> request.answered))) {
                if (now < BUSY) {
                    change();
                }
                now += STEP;
                loop.advanceTimeBy(STEP, TimeUnit.NANOSECONDS);
                List.copyOf(atWork).forEach(Work::go);
                loop.runPendingTasks();
                loop.runScheduledPendingTasks();
                look();
            }
            pool.close();
        }

        private void change() {
            if (random.nextInt(100) == 0) {
                SimulatedReplica probed = replicas.get(random.nextInt(replicas.size()));
                boolean before = probed.known.isEmpty();
                probed.known = probed.accepted();
                if (before && !probed.known.isEmpty()) {
                    pool.wakeAll();
                }
            }
            if (random.nextInt(1_000) == 0) {
                SimulatedReplica cut = replicas.get(random.nextInt(replicas.size()));
                cut.unreachable = !cut.unreachable;
            }
            if (random.nextInt(50) == 0) {
                int burst = random.nextInt(20) == 0 ? 20 : 1 + random.nextInt(3);
                for (int i = 0; i < burst; i++) {
                    Request request = new Request(this);
                    requests.add(request);
                    request.begin();
                }
            }
            if (random.nextInt(1_000) == 0 && replicas.size() > 1) {
                replicas.get(1 + random.nextInt(replicas.size() - 1)).setClock(random);
            }
            if (random.nextInt(500) == 0 && !connections.isEmpty()) {
                List<Upstream> all = List.copyOf(connections.keySet());
                all.get(random.nextInt(all.size())).channel().close().syncUninterruptibly();
            }
        }

        /** Checks the rules after all due work has been done. */
        private void look() {
            boolean couldConnect = false;
            boolean couldGoDirect = false;
            for (Request request : requests) {
                if (!request.waits) {
                    continue;
                }
                boolean idle = connections.keySet().stream()
                        .anyMatch(upstream -> upstream.channel().isActive()
                                && source.usable().stream().anyMatch(upstream.tokens()::hasAccepted)
                                && atWork.stream().noneMatch(each -> each.uses(upstream)));
                if (idle) {
                    idleWhileWaiting.add(now / MILLISECOND + " ms");
                }
                ReplicaSearch search = pool.search();
                boolean mayProbe = search.isByProbesFor(request) && search.mayProbe();
                couldConnect |= request.isFirst() && (mayProbe || search.mayConnect(request, request.since));
                couldGoDirect |= request.isFirst() && connector.reachesAcceptingReplica(request);
            }
            couldConnectSince = couldConnect ? couldConnectSince : now;
            couldGoDirectSince = couldGoDirect ? couldGoDirectSince : now;
            if (now - couldGoDirectSince > SECOND) { // the end of a pause after a failure does not wake requests
                mayGoOn.add(now / MILLISECOND + " ms direct");
            }
            if (now - couldConnectSince > ReplicaSearch.PATIENCE) {
                mayGoOn.add(now / MILLISECOND + " ms");
            }
        }
    }

    /** Connects at once, to one replica, or to the replica whose turn it is. Only the first response takes time. */
    private final class SimulatedConnector extends UpstreamPools.BrokenConnector {
        private final World of;
        private final @Nullable SimulatedReplica replica;

        SimulatedConnector(World of, @Nullable SimulatedReplica replica) {
            this.of = of;
            this.replica = replica;
        }

        @Override
        UpstreamConnector to(ApiServerAddress address, Duration atMost) {
            return new SimulatedConnector(
                    of,
                    of.replicas.stream()
                            .filter(each -> each.address.equals(address))
                            .findFirst()
                            .orElseThrow());
        }

        @Override
        void connect(EventLoop eventLoop, UpstreamPool pool, Outcome outcome) {
            if (replica != null && replica.unreachable) {
                outcome.failed(new ConnectionFault(ProxyFault.UPSTREAM_UNREACHABLE, "unreachable", false));
                return;
            }
            if (replica != null && replica.known.isEmpty()) {
                of.toRefusing.add(of.now / MILLISECOND + " ms");
            }
            Upstream upstream = Upstream.install(new EmbeddedChannel(), pool);
            of.connections.put(upstream, replica == null ? of.deal() : replica);
            outcome.connected(upstream);
        }
    }

    /** Waits for the response from a replica. */
    private abstract class Work {
        final World world;

        @Nullable
        Lease lease;

        private SimulatedToken sent = newest;
        private long answerAt;

        Work(World world) {
            this.world = world;
        }

        final void sendOver(Lease leased) {
            lease = leased;
            Token chosen = leased.upstream().tokens().choose(source.usable(), () -> world.now);
            sent = chosen.equals(older.token()) ? older : newest;
            if (isRefusedAgain(leased.upstream())) {
                world.refusedAgain.add(world.now / MILLISECOND + " ms");
            }
            answerAt = world.now + (1 + world.random.nextInt(30)) * MILLISECOND;
            world.atWork.add(this);
        }

        private boolean isRefusedAgain(Upstream upstream) {
            SimulatedReplica replica = Objects.requireNonNull(world.connections.get(upstream));
            Map<Token, Long> refused = world.refusedAt.getOrDefault(upstream, Map.of());
            Long last = refused.get(sent.token());
            return last != null
                    && world.now - last < SECOND
                    && !replica.accepts(sent)
                    && replica.accepted().stream().anyMatch(other -> !refused.containsKey(other));
        }

        final boolean uses(Upstream other) {
            return lease != null && lease.upstream().equals(other);
        }

        final void go() {
            Lease used = lease;
            if (used == null || world.now < answerAt) {
                return;
            }
            world.atWork.remove(this);
            lease = null;
            SimulatedReplica replica = Objects.requireNonNull(world.connections.get(used.upstream()));
            if (!used.upstream().channel().isActive()) {
                onLost();
            } else if (replica.accepts(sent)) {
                used.tokenAccepted(sent.token());
                world.withOlder += sent.equals(older) ? 1 : 0;
                onAccepted(used);
            } else {
                world.refusals++;
                world.refusedAt
                        .computeIfAbsent(used.upstream(), any -> new HashMap<>())
                        .put(sent.token(), world.now);
                onRefused(used, refusal(replica));
            }
        }

        private TokenRefusal refusal(SimulatedReplica replica) {
            long early = world.random.nextInt(1_000) * MILLISECOND;
            long acceptsAt = sent.from() - replica.ahead;
            ValidityStart start = new ValidityStart(acceptsAt - early, acceptsAt + SECOND - early);
            return replica.withoutKey || world.now >= acceptsAt
                    ? TokenRefusal.forAnotherReason(sent.token(), world.now)
                    : TokenRefusal.notYetValid(sent.token(), start, world.now);
        }

        abstract void onLost();

        abstract void onAccepted(Lease used);

        abstract void onRefused(Lease used, TokenRefusal refusal);
    }

    /** A probe that uses its upstream like {@code SearchProbe}. */
    private final class Probe extends Work {
        private final UpstreamPool pool;

        Probe(World world, UpstreamPool pool, Lease lease) {
            super(world);
            this.pool = pool;
            sendOver(lease);
        }

        @Override
        void onLost() {
            pool.probeEnded();
        }

        @Override
        void onAccepted(Lease used) {
            pool.probeEnded();
            used.end(LeaseEnd.USED);
        }

        @Override
        void onRefused(Lease used, TokenRefusal refusal) {
            used.tokenRefused(refusal);
            pool.probeEnded();
            used.end(LeaseEnd.REFUSED);
        }
    }

    /** A request that uses its leases like {@code Exchange} and {@code Attempt}. */
    private final class Request extends PlainRequest {
        private final World world;
        private final Work work;
        private long since;
        boolean waits;
        boolean answered;

        Request(World world) {
            super(source);
            this.world = world;
            this.work = new Work(world) {
                @Override
                void onLost() {
                    begin();
                }

                @Override
                void onAccepted(Lease used) {
                    used.end(LeaseEnd.USED);
                    answered = true;
                }

                @Override
                void onRefused(Lease used, TokenRefusal refusal) {
                    refused(used, refusal);
                }
            };
        }

        void begin() {
            since = world.now;
            world.pool.acquire(this);
        }

        boolean isFirst() {
            return world.requests.stream()
                    .filter(request -> request.waits)
                    .findFirst()
                    .filter(this::equals)
                    .isPresent();
        }

        @Override
        public void onLeased(Lease leased) {
            waits = false;
            work.sendOver(leased);
        }

        private void refused(Lease used, TokenRefusal refusal) {
            if (!refusal.endsByWaiting() && world.pool.search().hasGivenUp()) {
                used.upstream().forgetAcceptance();
                used.end(LeaseEnd.USED);
                answered = true;
                world.passedOn++;
                return;
            }
            used.tokenRefused(refusal);
            since = world.now;
            if (used.upstream().tokens().mayAcceptOneOf(tokens().usable(), world.now)) {
                used.passTo(this);
            } else {
                used.end(LeaseEnd.REFUSED);
                world.pool.acquire(this);
            }
        }

        @Override
        public void fail(ProxyFault fault, @Nullable String detail) {
            throw new AssertionError(fault + " " + detail);
        }

        @Override
        public void onLeaseWaits() {
            waits = true;
        }
    }
}
