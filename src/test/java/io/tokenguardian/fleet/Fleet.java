package io.tokenguardian.fleet;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Pods with real guardians, proxies and pools, before three API servers, in simulated time. One thread runs all events,
 * in the order of their times. The pods that a case starts come last; all others run before {@link #WARM_UP} has
 * passed.
 */
final class Fleet {
    static final Duration WARM_UP = Duration.ofMinutes(7);

    /** The pods that run from the beginning start within this time. */
    static final Duration STARTING = Duration.ofMinutes(5);

    private static final Instant BEGIN = Instant.parse("2026-03-01T12:00:00.123Z");

    final FleetSize size;
    final SimulatedTime time = new SimulatedTime(BEGIN);
    final Timeline timeline = time.timeline();
    final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
    final EmbeddedChannel loop = new EmbeddedChannel();
    final FleetNetwork network;
    final FleetTally proofs = new FleetTally(BEGIN);

    private final SplittableRandom random;
    private final List<FleetNode> nodes;
    private final List<FleetPod> pods;
    private int runs;

    /** For each opened gate, how long after the first time at which it could open; negative if too early. */
    private final List<Duration> gates = new ArrayList<>();

    private final Set<FleetPod> unwell = new HashSet<>();
    private Instant lastUnwell = BEGIN;
    private final Set<FleetPod> notReady = new HashSet<>();
    private final Set<FleetPod> notUsable = new HashSet<>();
    private long requests;
    private long failed;

    Fleet(FleetSize size, long seed) {
        this.size = size;
        random = new SplittableRandom(seed);
        network = new FleetNetwork(time, size, random.split());
        loop.freezeTime();
        nodes = IntStream.range(0, size.pods() / size.podsPerNode())
                .mapToObj(number -> new FleetNode(this, random.split()))
                .toList();
        pods = IntStream.range(0, size.pods())
                .mapToObj(number -> new FleetPod(number + number / nodes.size(), this, random.split()))
                .toList();
    }

    /** Starts all pods but {@code later}. */
    void warmUp(int later) {
        while (runs < size.pods() - later) {
            FleetPod pod = pods.get(runs);
            FleetNode node = nodes.get(runs++ % nodes.size());
            time.after(part(STARTING), () -> node.startOld(pod));
        }
        runFor(WARM_UP);
    }

    /** Starts pods with new tokens of {@code issuer} within a time. */
    void startPods(int count, Duration within, FleetReplica issuer) {
        for (int i = 0; i < count; i++) {
            FleetPod pod = pods.get(runs);
            FleetNode node = nodes.get(runs++ % nodes.size());
            time.after(part(within), () -> {
                setWell(pod, false);
                node.startNew(pod, issuer);
            });
        }
    }

    private Duration part(Duration most) {
        return Duration.ofNanos(random.nextLong(most.toNanos()));
    }

    Duration timeToNextRequest() {
        return part(size.betweenRequests().multipliedBy(2));
    }

    void runFor(Duration duration) {
        Instant end = time.now().plus(duration);
        while (time.now().isBefore(end)) {
            loop.runPendingTasks();
            long task = loop.runScheduledPendingTasks();
            loop.checkException();
            Instant next = time.nextEvent().isBefore(end) ? time.nextEvent() : end;
            Duration step = Duration.between(time.now(), next);
            step = task >= 0 && task < step.toNanos() ? Duration.ofNanos(task) : step;
            loop.advanceTimeBy(step.toNanos(), TimeUnit.NANOSECONDS);
            time.advance(step);
        }
    }

    // What happens

    void gateOpened(FleetPod pod, Token token, Instant read) {
        Instant could = network.acceptedSince(token, read);
        gates.add(could == null ? Duration.ofSeconds(-1) : Duration.between(could, time.now()));
    }

    void notReady(FleetPod pod) {
        notReady.add(pod);
    }

    void notUsable(FleetPod pod) {
        notUsable.add(pod);
    }

    void requestEnded(boolean failure) {
        requests++;
        failed += failure ? 1 : 0;
    }

    void setWell(FleetPod pod, boolean well) {
        if (well ? unwell.remove(pod) : unwell.add(pod)) {
            lastUnwell = time.now();
        }
    }

    /** Forgets what has happened so far. */
    void beginToMeasure() {
        gates.clear();
        notReady.clear();
        notUsable.clear();
        requests = 0;
        failed = 0;
    }

    /** @param ended when the case's fault ended */
    FleetFigures figures(Instant begun, Instant ended) {
        Instant now = time.now();
        Duration well = !unwell.isEmpty()
                ? Duration.between(ended, Instant.MAX)
                : lastUnwell.isBefore(ended) ? Duration.ZERO : Duration.between(ended, lastUnwell);
        return new FleetFigures(
                network.handshakes.mean(begun, now),
                network.handshakes.highest(begun, now),
                proofs.mean(begun, now),
                proofs.highest(begun, now),
                well,
                unwell.size(),
                List.copyOf(gates),
                notReady.size(),
                notUsable.size(),
                pods.stream().mapToInt(FleetPod::replicasShown).max().orElseThrow(),
                requests,
                failed);
    }
}
