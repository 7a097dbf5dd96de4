package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.ProbeConnection;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * New connections for a token's probes. Those for the confirmations are opened a second before the last replica is
 * predicted to accept, so that only their probes are left then. Without a prediction they are opened side by side, and
 * probed as soon as they are open. Not thread-safe.
 */
final class NewConnections {
    /** How long before a predicted acceptance they are opened. */
    private static final Duration PREPARATION = Duration.ofSeconds(1);

    private final ApiServer apiServer;
    private final Deque<Fresh> prepared = new ArrayDeque<>();
    private Instant preparedAt = Instant.MIN;
    private int nextReplicaTurn;

    /**
     * A connection without a probe so far.
     *
     * @param turn its {@link ApiServer#open(int)} turn, so that a connection in its place goes to the same replica
     * @param early whether it was opened some time before its probe, and may have closed since
     */
    record Fresh(int turn, ProbeConnection probeConnection, boolean early) {}

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
        fill(count, true, ProbeConnection::connect);
    }

    /** Opens connections until there are {@code count}, and sends the probe of {@code token} over each. */
    void openSideBySide(int count, Token token) {
        fill(count, false, probeConnection -> probeConnection.sendAhead(token));
    }

    /** Sends the probe of {@code token} over the connections that were opened early. */
    void sendAhead(Token token) {
        prepared.forEach(fresh -> fresh.probeConnection().sendAhead(token));
    }

    /** Waits for none of them. */
    private void fill(int count, boolean early, Consumer<ProbeConnection> begin) {
        while (prepared.size() < count) {
            Fresh next = open(nextReplicaTurn++, early);
            begin.accept(next.probeConnection());
            prepared.add(next);
        }
    }

    /** A connection that was opened early, or else a new one. The caller has to close it. */
    Fresh take() {
        Fresh ahead = prepared.poll();
        return ahead == null ? open(nextReplicaTurn++, false) : ahead;
    }

    /** A new connection in the place of {@code closed}. */
    Fresh replace(Fresh closed) {
        return open(closed.turn(), false);
    }

    private Fresh open(int turn, boolean early) {
        return new Fresh(turn, apiServer.open(turn), early);
    }

    /** Whether the confirmations follow soon, so that the connections that were opened for them must stay open. */
    boolean areNeeded(Verdict verdict) {
        return verdict instanceof Verdict.Pending
                || (verdict instanceof Verdict.NotYetValid && prepareAt(verdict).equals(Instant.MAX));
    }

    /** Closes those without a probe. The next ones go to their replicas. */
    void close() {
        Fresh next = prepared.peek();
        if (next != null) {
            nextReplicaTurn = next.turn();
        }
        prepared.forEach(ahead -> ahead.probeConnection().close());
        prepared.clear();
    }
}
