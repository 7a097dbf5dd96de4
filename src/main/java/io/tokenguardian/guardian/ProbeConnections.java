package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.ProbeConnection;
import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.clock.Instants;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The connections over which one token is probed: with a probe under way, or kept. Not thread-safe. */
final class ProbeConnections implements AutoCloseable {
    private final Token token;
    private final ApiServer apiServer;
    private final Runnable onResult;

    /** The targets of the next connections. Each round has them in the same order: n connections reach n replicas. */
    private final Deque<ApiServer> round = new ArrayDeque<>();

    /** In the order in which they were sent. */
    private final List<Sent> underWay = new ArrayList<>();

    private final Map<Integer, ProbeConnection> known = new HashMap<>();
    private int nextConnection;

    /** A probe under way. Nothing waits for the result of a late one. */
    private static final class Sent {
        final int connection;
        final boolean isNew;
        final ProbeConnection over;
        final Instant at;
        final CompletableFuture<ProbeResult> result;
        boolean late;

        /** From then on, the replica counts as silent, because another has answered a probe sent no earlier. */
        Instant silentFrom = Instant.MAX;

        Sent(int connection, boolean isNew, ProbeConnection over, Instant at, CompletableFuture<ProbeResult> result) {
            this.connection = connection;
            this.isNew = isNew;
            this.over = over;
            this.at = at;
            this.result = result;
        }

        boolean isAwaited() {
            return isNew && !late;
        }

        /** {@link Instant#MIN} for a failure of this program, so that the failure is taken first. */
        Instant endedAt() {
            if (!result.isDone()) {
                return Instant.MAX;
            }
            return result.isCompletedExceptionally()
                    ? Instant.MIN
                    : result.join().receivedAt();
        }

        Instant passOverAt() {
            return !isAwaited() || over.hasAccepted() ? Instant.MAX : silentFrom;
        }
    }

    /** A result is {@code late} if its replica was silent, or the list of replicas has changed since the probe. */
    record Ended(int connection, boolean isNew, boolean late, boolean open, ProbeResult result) {}

    /** {@code onResult} is called on any thread when a result arrives. */
    ProbeConnections(Token token, ApiServer apiServer, Runnable onResult) {
        this.token = token;
        this.apiServer = apiServer;
        this.onResult = onResult;
    }

    void openNew(Instant now) {
        if (round.isEmpty()) {
            round.addAll(apiServer.round());
        }
        send(nextConnection++, true, round.remove().open(), now);
    }

    void probeAgain(int connection, Instant now) {
        send(
                connection,
                false,
                Objects.requireNonNull(known.get(connection), () -> "no connection " + connection + " to probe again"),
                now);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // take() has the result
    private void send(int connection, boolean isNew, ProbeConnection over, Instant now) {
        Sent sent = new Sent(connection, isNew, over, now, over.probe(token));
        underWay.add(sent);
        sent.result.whenComplete((result, failure) -> onResult.run());
    }

    /** Returns how many new connections have a result that is waited for. */
    int awaited() {
        return (int) underWay.stream().filter(Sent::isAwaited).count();
    }

    boolean isBeingProbed(int connection) {
        return underWay.stream().anyMatch(sent -> sent.connection == connection);
    }

    /** Returns when {@link #take} has something to take; {@link Instant#MAX} if no result has arrived. */
    Instant nextResult() {
        return underWay.stream()
                .map(Sent::endedAt)
                .min(Comparator.naturalOrder())
                .orElse(Instant.MAX);
    }

    /** Returns when {@link #passOver} will next have something to do; {@link Instant#MAX} if never. */
    Instant nextPassOver() {
        return underWay.stream()
                .map(Sent::passOverAt)
                .min(Comparator.naturalOrder())
                .orElse(Instant.MAX);
    }

    /**
     * Waits no longer for one silent replica, and returns its address; null if none is silent. Call it after
     * {@link #take}.
     */
    @Nullable
    String passOver(Instant now) {
        Sent silent = underWay.stream()
                .filter(sent -> !sent.passOverAt().isAfter(now))
                .findFirst()
                .orElse(null);
        if (silent == null) {
            return null;
        }
        String address = silent.over.address();
        underWay.stream().filter(sent -> sent.over.address().equals(address)).forEach(sent -> sent.late = true);
        silent.over.reportSilence();
        return address;
    }

    void awaitResult(Instant now) {
        if (underWay.isEmpty()) {
            openNew(now);
        }
        underWay.get(0).result.join();
    }

    /** Null if no result has arrived. */
    @Nullable
    Ended take() {
        Sent sent = underWay.stream()
                .filter(each -> each.result.isDone())
                .min(Comparator.comparing(Sent::endedAt))
                .orElse(null);
        if (sent == null) {
            return null;
        }
        underWay.remove(sent);
        known.put(sent.connection, sent.over);
        ProbeResult result = sent.result.join();
        if (sent.isNew && !(result.outcome() instanceof ProbeOutcome.Unreachable)) {
            noteSilence(sent.at, result.receivedAt());
        }
        return new Ended(sent.connection, sent.isNew, sent.late, sent.over.isOpen(), result);
    }

    /** Those without a response count as silent after {@link ApiServer#SILENCE}, or after another round trip. */
    private void noteSilence(Instant sentAt, Instant answeredAt) {
        Duration roundTrip = Duration.between(sentAt, answeredAt);
        Instant from = answeredAt.plus(roundTrip.compareTo(ApiServer.SILENCE) > 0 ? roundTrip : ApiServer.SILENCE);
        underWay.stream()
                .filter(other -> !other.at.isAfter(sentAt))
                .forEach(other -> other.silentFrom = Instants.earlier(other.silentFrom, from));
    }

    /** Closes the known connections that are not {@code needed}. */
    void keep(IntPredicate needed) {
        known.entrySet().removeIf(entry -> {
            boolean ends = !needed.test(entry.getKey());
            if (ends) {
                entry.getValue().close();
            }
            return ends;
        });
        underWay.removeIf(sent -> !sent.isNew && !known.containsKey(sent.connection));
    }

    /** Makes the next connections start with replicas that are not silent. */
    void endRound() {
        round.clear();
    }

    /** The results of the new connections under way become late. The next go to the replicas that are then known. */
    void startOver() {
        endRound();
        underWay.forEach(sent -> sent.late = true);
    }

    @Override
    public void close() {
        underWay.forEach(sent -> sent.over.close());
        underWay.clear();
        keep(connection -> false);
    }
}
