package io.tokenguardian.guardian;

import static io.tokenguardian.guardian.World.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.ProbeConnection;
import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.guardian.SimulatedApiServer.Probe;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.replica.ReplicaLedger;
import io.tokenguardian.replica.Search;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The searches that follow a search that found no accepting replica. */
class FurtherSearchTest {
    private static final Instant SECOND = NOON.truncatedTo(ChronoUnit.SECONDS);
    private static final Duration ALMOST_AT_ONCE = Duration.ofMillis(100);
    private static final Duration HOURS_BEHIND = Duration.ofHours(-2);
    private static final Duration LONG_PAUSE = Duration.ofMinutes(1);
    private static final int WORLDS = 300;

    private final Replica right = new Replica("right", Duration.ZERO);
    private final Replica slow = new Replica("slow", HOURS_BEHIND);
    private final Token token = TestTokens.issuedAt(SECOND).token();
    private final Token brief =
            TestTokens.issuedAt(SECOND).expiresAt(SECOND.plusSeconds(600)).token();

    private static boolean isUsable(World world) {
        return world.guardian.tokenStatus().isUsable();
    }

    @Test
    void aSearchForAnOldTokenIsRepeatedAfterAMinute() {
        World world = missed(right).read(token);

        world.runFor(LONG_PAUSE.minusMillis(1));
        assertThat(isUsable(world)).isFalse();
        world.runFor(ALMOST_AT_ONCE);

        assertThat(isUsable(world)).isTrue();
    }

    /** Makes a world in which the first search reaches only {@code slow}. */
    private World missed(Replica... next) {
        List<Replica> replicas = new ArrayList<>(Collections.nCopies(Search.AT_ONCE, slow));
        replicas.addAll(List.of(next));
        return World.of(replicas.toArray(Replica[]::new));
    }

    @Test
    void aSearchIsRepeatedAfterAProbeThatFailedUnexpectedly() {
        World world = missed(slow, right).read(token);
        slow.broken = true;
        assertThatThrownBy(() -> world.runFor(ALMOST_AT_ONCE)).hasMessageContaining("broken");
        slow.broken = false;

        world.runFor(LONG_PAUSE.plus(ALMOST_AT_ONCE));

        assertThat(isUsable(world)).isTrue();
    }

    @Test
    void theSearchFindsAnAcceptingReplicaThatSharesItsCertificate() {
        Replica sharing = new Replica(slow.certificate, Duration.ZERO);
        World world = missed(sharing).read(token);

        world.runFor(LONG_PAUSE.plus(ALMOST_AT_ONCE));

        assertThat(isUsable(world)).isTrue();
    }

    @Test
    void everySearchFindsTheOnlyAcceptingReplicaOfThree() {
        Replica slow2 = new Replica("slow2", HOURS_BEHIND);
        List<Integer> missed = IntStream.range(0, WORLDS)
                .filter(seed -> !isFound(List.of(slow, slow2, right), seed))
                .boxed()
                .toList();

        assertThat(missed).isEmpty();
    }

    @Test
    void everySearchFindsTheReplicaDespiteASharedCertificate() {
        Replica right2 = new Replica(slow.certificate, Duration.ZERO);
        List<Integer> missed = IntStream.range(0, WORLDS)
                .filter(seed -> !isFound(List.of(slow, slow, right2), seed))
                .boxed()
                .toList();

        assertThat(missed).isEmpty();
    }

    private boolean isFound(List<Replica> replicas, int seed) {
        SplittableRandom dealer = new SplittableRandom(seed);
        SimulatedTime time = new SimulatedTime(NOON);
        SimulatedApiServer server = new SimulatedApiServer(
                time, replicas, () -> dealer.nextInt(replicas.size()), () -> Duration.ofNanos(500_000));
        World world = new World(time, server).read(token);
        for (int minute = 0; minute < 30 && !isUsable(world); minute++) {
            world.runFor(Duration.ofMinutes(1));
        }
        return isUsable(world);
    }

    /** 24 connections, then one a minute. */
    @Test
    void aSingleReplicaIsSearchedOnceAMinute() {
        World world = World.of(slow).read(token);
        world.runFor(Duration.ofSeconds(14));
        assertThat(world.apiServer.connections).isEqualTo(Search.AT_ONCE);

        world.runFor(Duration.ofMinutes(61).minusSeconds(14));

        assertThat(world.apiServer.connections).isBetween(Search.AT_ONCE + 60, Search.AT_ONCE + 61);
        assertThat(world.apiServer.open).isLessThanOrEqualTo(3);
    }

    @Test
    void aTokenExpiredOnEveryClockIsProbedAfterTheRefusalPauseOnly() {
        Replica fast = new Replica("fast", Duration.ofSeconds(700));
        Replica fast2 = new Replica("fast2", Duration.ofSeconds(800));
        World world = World.of(fast, fast2).read(brief).runFor(Duration.ofMinutes(1));
        world.apiServer.asked.clear();

        world.runFor(Duration.ofMinutes(30));

        List<Instant> at = world.apiServer.asked.stream().map(Probe::at).toList();
        assertThat(at).hasSizeBetween(60, 70);
        for (int i = 1; i < at.size(); i++) {
            assertThat(Duration.between(at.get(i - 1), at.get(i))).isGreaterThan(Duration.ofSeconds(26));
        }
    }

    /** Discovered replicas, each at its own address. A round probes each of them. */
    private static final class Discovered implements ApiServer {
        final List<SimulatedApiServer> servers = new ArrayList<>();
        private long generation = 1;

        void add(SimulatedTime time, Replica replica) {
            SimulatedApiServer server = SimulatedApiServer.inTurn(time, replica);
            server.address = "10.0.0." + servers.size() + ":443";
            servers.add(server);
            generation++;
        }

        @Override
        public ProbeConnection open() {
            return servers.get(0).open();
        }

        @Override
        public List<ApiServer> round() {
            return List.copyOf(servers);
        }

        @Override
        public Replicas replicas() {
            return new Replicas(generation, servers.size());
        }

        List<Integer> connections() {
            return servers.stream().map(server -> server.connections).toList();
        }
    }

    private final SimulatedTime time = new SimulatedTime(NOON);
    private final Discovered discovered = new Discovered();

    private World discovered(Replica... replicas) {
        for (Replica replica : replicas) {
            discovered.add(time, replica);
        }
        return new World(time, SimulatedApiServer.inTurn(time, replicas), discovered);
    }

    @Test
    void eachDiscoveredReplicaIsSearchedOnce() {
        World world = discovered(slow, new Replica("slow2", HOURS_BEHIND), new Replica("slow3", HOURS_BEHIND));

        world.read(token).runFor(Duration.ofHours(1));

        assertThat(discovered.connections()).containsExactly(1, 1, 1);
        assertThat(world.verdict()).isInstanceOf(Verdict.NotYetValid.class);
    }

    @Test
    void aTokenThatEveryDiscoveredReplicaRefusesIsNotUsable() {
        Replica right2 = new Replica("right2", Duration.ZERO);
        World world = discovered(right, right2).read(token).runUntilAccepted();
        right.offset = HOURS_BEHIND;
        right2.offset = HOURS_BEHIND;
        List<Integer> before = discovered.connections();

        world.guardian.recheck();
        world.runFor(Duration.ofMinutes(10));

        // The replica that refused first gets two connections: one for that refusal, and one when its turn comes.
        assertThat(isUsable(world)).isFalse();
        assertThat(discovered.connections()).containsExactlyInAnyOrder(before.get(0) + 2, before.get(1) + 1);
    }

    /** Another token's acceptance is the first of all. Before that, a silent replica prevents acceptance. */
    @Test
    void aTokenIsAcceptedOnceItsSilentReplicaIsSkipped() {
        right.takes = Duration.ofMillis(5);
        slow.instead = new ProbeOutcome.Unreachable("connection refused");
        discovered.add(time, right);
        discovered.add(time, slow);
        AtomicBoolean everAccepted = new AtomicBoolean();
        TokenProbe probe = new TokenProbe(
                new TokenReading.Present(token, NOON),
                World.RULES,
                discovered,
                new ReplicaLedger(),
                everAccepted::get,
                () -> 0,
                () -> {});
        for (int i = 0; i < 3; i++) {
            probe.step(time.now(), answer -> {});
            time.advance(Duration.ofMillis(10));
        }
        assertThat(probe.verdict(time.now())).isInstanceOf(Verdict.Pending.class);

        everAccepted.set(true);

        assertThat(probe.nextStep(time.now())).isEqualTo(time.now());
        assertThat(probe.step(time.now(), answer -> {})).isTrue();
        assertThat(probe.verdict(time.now())).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void aReplicaThatIsListedLaterIsProbedAlthoughAllOthersRefuse() {
        World world = discovered(slow, new Replica("slow2", HOURS_BEHIND));
        world.read(token).runFor(Duration.ofMinutes(5));

        discovered.add(time, right);
        world.runFor(Duration.ofMinutes(1));

        assertThat(isUsable(world)).isTrue();
    }
}
