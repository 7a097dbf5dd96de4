package io.tokenguardian.apiserver;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The order in which addresses are tried. The first round contains all addresses. Each further round contains the
 * addresses that refused in the round before, or were abandoned for an address that refused then. While attempts get no
 * response, extra attempts begin side by side.
 */
final class AddressRounds {
    /** HAProxy's default. If one of three replicas is down, 12 in 1,000 connections fail. */
    private static final int MAX_ROUNDS = 4;

    /** If one of three replicas does not respond, all nine attempts go to it for 1 in 20,000 connections. */
    private static final int MAX_EXTRA = 8;

    /** The delay before each extra attempt. RFC 8305, section 5, recommends it. */
    private static final Duration EXTRA_DELAY = Duration.ofMillis(250);

    private final Deque<InetAddress> untried = new ArrayDeque<>();
    private final Set<InetAddress> nextRound = new LinkedHashSet<>();
    private @Nullable InetAddress last;
    private int rounds = 1;
    private int extra;

    void add(InetAddress... addresses) {
        untried.addAll(List.of(addresses));
    }

    /** Adds an address to the next round, because it refused a connection, or was abandoned for another address. */
    void addToNextRound(InetAddress address) {
        nextRound.add(address);
    }

    /** Begins the next round if the current round has ended and another round is allowed. */
    void beginNext() {
        if (untried.isEmpty() && !nextRound.isEmpty() && rounds < MAX_ROUNDS) {
            rounds++;
            untried.addAll(nextRound);
            nextRound.clear();
        }
    }

    /** Returns the next address of the current round; null if none is left. */
    @Nullable
    InetAddress next() {
        InetAddress next = untried.poll();
        last = next == null ? last : next;
        return next;
    }

    /** In nanoseconds after the last attempt; {@link Long#MAX_VALUE} if no extra attempt may begin. */
    long delayBeforeExtra() {
        return extra < MAX_EXTRA ? EXTRA_DELAY.toNanos() : Long.MAX_VALUE;
    }

    /** If none is left, the last address again: behind a service address, a connection may reach another replica. */
    InetAddress nextExtra() {
        extra++;
        next();
        return Objects.requireNonNull(last, "an extra attempt before the first");
    }
}
