package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.ProbeConnection;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/** New connections for one token's probes, opened early before a predicted acceptance. Not thread-safe. */
final class NewConnections {
    /** How long before a predicted acceptance connections are opened, so that only the probes remain to be sent. */
    private static final Duration PREPARATION = Duration.ofSeconds(1);

    private final ApiServer apiServer;
    private final Deque<ApiServer> round = new ArrayDeque<>();
    private final Deque<Fresh> prepared = new ArrayDeque<>();
    private Instant preparedAt = Instant.MIN;

    /** A connection without a probe. If {@code early}, it may have been closed since it was opened. */
    record Fresh(ApiServer server, ProbeConnection probeConnection, boolean early) {
        static Fresh to(ApiServer server, boolean early) {
            return new Fresh(server, server.open(), early);
        }

        Fresh again() {
            return to(server, false);
        }
    }

    NewConnections(ApiServer apiServer) {
        this.apiServer = apiServer;
    }

    /** Returns when to open connections early; {@link Instant#MAX} if they are open, or no acceptance is predicted. */
    Instant prepareAt(Verdict verdict) {
        Instant acceptableBy = verdict instanceof Verdict.NotYetValid notYet ? notYet.acceptableBy() : null;
        if (acceptableBy == null) {
            return Instant.MAX;
        }
        Instant due = acceptableBy.minus(PREPARATION);
        // The prediction may shift by up to a second because of another refusing replica, whose clock is known less
        // precisely.
        return preparedAt.isBefore(due.minus(PREPARATION)) ? due : Instant.MAX;
    }

    void prepare(int count, Instant now) {
        preparedAt = now;
        while (prepared.size() < count) {
            Fresh next = Fresh.to(nextServer(), true);
            next.probeConnection().connect();
            prepared.add(next);
        }
    }

    boolean arePrepared() {
        return !prepared.isEmpty();
    }

    /** Prefers a connection that was opened early. The caller must close it. */
    Fresh take() {
        Fresh ahead = prepared.poll();
        return ahead == null ? Fresh.to(nextServer(), false) : ahead;
    }

    /** Makes the next connections start with replicas that are not silent. */
    void endRound() {
        if (prepared.isEmpty()) {
            round.clear();
        }
    }

    /** Returns the replicas in turn, always in the same order, so that n consecutive connections reach n replicas. */
    private ApiServer nextServer() {
        if (round.isEmpty()) {
            round.addAll(apiServer.round());
        }
        ApiServer next = round.remove();
        round.add(next);
        return next;
    }

    /** Closes early connections unless confirmations follow soon. The next connections go to the same replicas. */
    void closeUnneeded(Verdict verdict) {
        boolean needed = verdict instanceof Verdict.Pending
                || (verdict instanceof Verdict.NotYetValid && prepareAt(verdict).equals(Instant.MAX));
        while (!needed && arePrepared()) {
            prepared.removeLast().probeConnection().close();
            round.addFirst(round.removeLast());
        }
    }

    /** Closes early connections. The next connections go to the replicas that are known at that time. */
    void close() {
        prepared.forEach(ahead -> ahead.probeConnection().close());
        prepared.clear();
        round.clear();
    }
}
