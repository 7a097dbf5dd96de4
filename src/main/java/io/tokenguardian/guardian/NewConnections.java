package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.ProbeConnection;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * New connections for a token's probes. Those for the confirmations are opened a second before the last replica is
 * predicted to accept, so that only their probes are left then. Not thread-safe.
 */
final class NewConnections {
    /** How long before a predicted acceptance they are opened. */
    private static final Duration PREPARATION = Duration.ofSeconds(1);

    private final ApiServer apiServer;
    private final Deque<ApiServer> round = new ArrayDeque<>();
    private final Deque<Fresh> prepared = new ArrayDeque<>();
    private Instant preparedAt = Instant.MIN;

    /**
     * A connection without a probe so far.
     *
     * @param server where it leads
     * @param early whether it was opened some time before its probe, and may have closed since
     */
    record Fresh(ApiServer server, ProbeConnection probeConnection, boolean early) {
        static Fresh to(ApiServer server, boolean early) {
            return new Fresh(server, server.open(), early);
        }

        /** A new connection in the place of this connection, which has closed. */
        Fresh again() {
            return to(server, false);
        }
    }

    NewConnections(ApiServer apiServer) {
        this.apiServer = apiServer;
    }

    /** When to open connections early; {@link Instant#MAX} if that is done, or no acceptance is predicted. */
    Instant prepareAt(Verdict verdict) {
        Instant acceptableBy = verdict instanceof Verdict.NotYetValid notYet ? notYet.acceptableBy() : null;
        if (acceptableBy == null) {
            return Instant.MAX;
        }
        Instant due = acceptableBy.minus(PREPARATION);
        // Another refusing replica, whose clock is known less well, may move the prediction by up to a second.
        return preparedAt.isBefore(due.minus(PREPARATION)) ? due : Instant.MAX;
    }

    /** Opens {@code count} connections for the acceptance that is predicted. */
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

    /** A connection that was opened early, or else a new one. The caller has to close it. */
    Fresh take() {
        Fresh ahead = prepared.poll();
        return ahead == null ? Fresh.to(nextServer(), false) : ahead;
    }

    /** Has the next ones go to the replicas that are not silent first. */
    void endRound() {
        if (prepared.isEmpty()) {
            round.clear();
        }
    }

    /** To each in turn, and always in the same order: so n connections in a row reach n replicas. */
    private ApiServer nextServer() {
        if (round.isEmpty()) {
            round.addAll(apiServer.round());
        }
        ApiServer next = round.remove();
        round.add(next);
        return next;
    }

    /**
     * Closes the connections opened early, unless the confirmations follow soon. The next ones go to their replicas.
     */
    void closeUnneeded(Verdict verdict) {
        boolean needed = verdict instanceof Verdict.Pending
                || (verdict instanceof Verdict.NotYetValid && prepareAt(verdict).equals(Instant.MAX));
        while (!needed && arePrepared()) {
            prepared.removeLast().probeConnection().close();
            round.addFirst(round.removeLast());
        }
    }

    /** Closes the connections opened early. The next ones go to the replicas that are known now. */
    void close() {
        prepared.forEach(ahead -> ahead.probeConnection().close());
        prepared.clear();
        round.clear();
    }
}
