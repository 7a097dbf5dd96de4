package io.tokenguardian.apiserver;

import io.tokenguardian.concurrent.Backoff;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The order in which addresses are tried, and the time for each. The first round contains all addresses. Each further
 * round contains the addresses that refused in the round before.
 */
final class AddressRounds {
    /**
     * How many times to try an address that refuses connections, without pauses in between. HAProxy has the same
     * default. With this number, 12 in 1,000 connections fail if one of three replicas is down.
     */
    private static final int MAX_ROUNDS = 4;

    /**
     * How many more rounds follow, each after a pause, if pauses are wanted. With these additional rounds, only 5 in
     * 100,000 connections fail.
     */
    private static final int PAUSED_ROUNDS = 5;

    /**
     * The pauses before these rounds, 0.8 s in total. A restarting API server is soon removed from the service's
     * endpoints, or is available again.
     */
    private static final Backoff PAUSES = new Backoff(Duration.ofMillis(25), Duration.ofMillis(400));

    /**
     * The minimum time allowed for one address, in nanoseconds, if that much time is left. Go's dialer has the same
     * minimum.
     */
    private static final long LEAST_SHARE = TimeUnit.SECONDS.toNanos(2);

    private final int maxRounds;
    private final Deque<InetAddress> untried = new ArrayDeque<>();
    private final List<InetAddress> refused = new ArrayList<>();
    private int rounds = 1;

    /** @param pausing whether rounds that follow pauses are wanted */
    AddressRounds(boolean pausing) {
        maxRounds = pausing ? MAX_ROUNDS + PAUSED_ROUNDS : MAX_ROUNDS;
    }

    /** Adds addresses to the current round. */
    void add(InetAddress... addresses) {
        untried.addAll(List.of(addresses));
    }

    /** Adds an address to the next round, because it refused a connection. */
    void addRefused(InetAddress address) {
        refused.add(address);
    }

    /**
     * Begins the next round if the current round has ended and another round is allowed.
     *
     * @param time the remaining time, in nanoseconds
     * @return the pause before the next address is tried, in nanoseconds; 0 if none
     */
    long pauseBeforeNext(long time) {
        if (!untried.isEmpty() || refused.isEmpty() || time <= 0 || rounds >= maxRounds) {
            return 0;
        }
        rounds++;
        untried.addAll(refused);
        refused.clear();
        return rounds > MAX_ROUNDS
                ? Math.min(PAUSES.pause(rounds - MAX_ROUNDS, () -> 0).toNanos(), time)
                : 0;
    }

    /** Returns the next address of the current round; null if none is left. */
    @Nullable
    InetAddress next() {
        return untried.poll();
    }

    /**
     * Returns how long the attempt to connect to the last address from {@link #next} may take, in nanoseconds.
     *
     * @param time the remaining time for that address and all addresses after it together, in nanoseconds
     */
    long share(long time) {
        return Math.max(time / (1 + untried.size()), Math.min(time, LEAST_SHARE));
    }
}
