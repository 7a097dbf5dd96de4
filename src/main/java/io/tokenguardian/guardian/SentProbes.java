package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.ProbeConnection;
import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.clock.Instants;
import io.tokenguardian.guardian.NewConnections.Fresh;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntPredicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The probes of one token whose results have not been taken, and the connections on which replicas have refused it.
 * Sending a probe does not wait. Not thread-safe.
 *
 * <p>Results over new connections are taken in the order in which the probes were sent, so that no acceptance counts
 * before the result of an earlier probe, which may be a refusal. A replica that stays silent may be passed over: its
 * result is late then.
 */
final class SentProbes implements AutoCloseable {
    private final Token token;
    private final NewConnections newConnections;
    private final Runnable onResult;

    /** In the order in which they were sent. */
    private final List<Sent> awaited = new ArrayList<>();

    /** Over new connections to replicas that were passed over, or before the list of replicas changed. */
    private final List<Sent> late = new ArrayList<>();

    private final Map<Integer, ProbeConnection> known = new HashMap<>();
    private int nextConnection;

    /** The last probe over a new connection whose response was usable and has been taken. */
    private @Nullable Sent lastResponded;

    /** @param fresh the connection if it is new; null for the known one of a refusing replica */
    private record Sent(
            int connection,
            @Nullable Fresh fresh,
            ProbeConnection over,
            Instant at,
            CompletableFuture<ProbeResult> result) {

        boolean isNew() {
            return fresh != null;
        }

        /** When the result came; {@link Instant#MAX} if it has not come. A failure of this program comes first. */
        Instant endedAt() {
            if (!result.isDone()) {
                return Instant.MAX;
            }
            return result.isCompletedExceptionally()
                    ? Instant.MIN
                    : result.join().receivedAt();
        }

        private boolean hasResult() {
            return result.isDone() && !result.isCompletedExceptionally();
        }

        boolean isTo(String address) {
            return over.address().equals(address);
        }

        boolean isUnreachable() {
            return hasResult() && result.join().outcome() instanceof ProbeOutcome.Unreachable;
        }

        boolean hasResponse() {
            return hasResult() && !isUnreachable();
        }

        /** When other probes of the same time begin to count as silent. This probe has a response. */
        Instant othersSilentFrom() {
            Instant ended = endedAt();
            return Instants.later(ended.plus(ApiServer.SILENCE), ended.plus(Duration.between(at, ended)));
        }

        Instant silentFrom() {
            return at.plus(ApiServer.SILENCE);
        }
    }

    /**
     * A probe with its result.
     *
     * @param connection the number of its connection
     * @param isNew whether it was the first over this connection
     * @param late whether the replica was passed over before, or the list of replicas has changed since
     * @param open whether the connection can be used again
     */
    record Ended(int connection, boolean isNew, boolean late, boolean open, ProbeResult result) {}

    /** @param onResult called on any thread when a result has come; must return at once */
    SentProbes(Token token, NewConnections newConnections, Runnable onResult) {
        this.token = token;
        this.newConnections = newConnections;
        this.onResult = onResult;
    }

    /** Sends a probe over a new connection. */
    void sendNew(Instant now) {
        Fresh fresh = newConnections.take();
        awaited.add(send(nextConnection++, fresh, fresh.probeConnection(), now));
    }

    /** Sends a probe over new connections until {@code count} of them are awaited. */
    void sendNewUntil(int count, Instant now) {
        while (awaitedNew() < count) {
            sendNew(now);
        }
    }

    /** Sends a probe over all connections that were opened ahead. */
    void sendPrepared(Instant now) {
        while (newConnections.arePrepared()) {
            sendNew(now);
        }
    }

    /** Sends a probe over the connection of a refusing replica. */
    void sendAgain(int connection, Instant now) {
        awaited.add(send(connection, null, known(connection), now));
    }

    @SuppressWarnings("FutureReturnValueIgnored") // take() has the result
    private Sent send(int connection, @Nullable Fresh fresh, ProbeConnection over, Instant now) {
        Sent sent = new Sent(connection, fresh, over, now, over.probe(token));
        sent.result().whenComplete((result, failure) -> onResult.run());
        return sent;
    }

    private ProbeConnection known(int connection) {
        return Objects.requireNonNull(known.get(connection), () -> "no connection " + connection + " to probe again");
    }

    /** How many new connections are awaited, not counting those whose replica was passed over. */
    int awaitedNew() {
        return (int) awaited.stream().filter(Sent::isNew).count();
    }

    boolean isAwaited(int connection) {
        return awaited.stream().anyMatch(sent -> sent.connection() == connection);
    }

    /**
     * When the next new connection may follow without waiting for a result; {@link Instant#MIN} if none is awaited, and
     * {@link Instant#MAX} for never.
     *
     * @param most how many may be awaited, if all awaited so far have been silent for {@link ApiServer#SILENCE}
     */
    Instant nextNew(int most) {
        int count = awaitedNew();
        if (count == 0) {
            return Instant.MIN;
        }
        return count >= most || nextPassOver().isBefore(Instant.MAX)
                ? Instant.MAX
                : awaited.stream()
                        .filter(Sent::isNew)
                        .map(Sent::silentFrom)
                        .max(Comparator.naturalOrder())
                        .orElseThrow();
    }

    /**
     * Passes over the next new connection if it is silent: another new connection, whose probe was sent no earlier, has
     * had a response, and this connection has had none for {@link ApiServer#SILENCE} after that, nor for as long as
     * that response took. It may still come. A replica that has responded to a later probe is not silent.
     *
     * @return its address; null for none
     */
    @Nullable
    String passOver(Instant now) {
        Sent first = firstNew();
        if (first == null || passOverAt(first).isAfter(now)) {
            return null;
        }
        awaited.remove(first);
        late.add(first);
        String address = first.over().address();
        if (awaited.stream().anyMatch(sent -> sent.isNew() && sent.hasResponse() && sent.isTo(address))) {
            return passOver(now);
        }
        first.over().reportSilence();
        return address;
    }

    /** When {@link #passOver} has something to do; {@link Instant#MAX} for never. */
    Instant nextPassOver() {
        Sent first = firstNew();
        return first == null ? Instant.MAX : passOverAt(first);
    }

    private Instant passOverAt(Sent first) {
        if (first.result().isDone() || first.over().hasResponded()) {
            return Instant.MAX;
        }
        return Stream.concat(Stream.ofNullable(lastResponded), awaited.stream().filter(Sent::isNew))
                .filter(sent -> sent.hasResponse() && !sent.at().isBefore(first.at()))
                .map(Sent::othersSilentFrom)
                .min(Comparator.naturalOrder())
                .orElse(Instant.MAX);
    }

    private @Nullable Sent firstNew() {
        return awaited.stream().filter(Sent::isNew).findFirst().orElse(null);
    }

    /** When {@link #take} has something to take; {@link Instant#MAX} if no result has come. */
    Instant nextResult() {
        return takeable().map(this::takenAt).min(Comparator.naturalOrder()).orElse(Instant.MAX);
    }

    /** The probes whose results may be taken once they have come. */
    private Stream<Sent> takeable() {
        Sent firstNew = firstNew();
        return Stream.concat(late.stream(), awaited.stream().filter(sent -> !sent.isNew() || sent.equals(firstNew)));
    }

    /**
     * When the result of {@code sent} may be taken. An acceptance does not count while a replica refuses. So a new
     * connection lets the known ones go first that were sent no later, unless they are silent.
     */
    private Instant takenAt(Sent sent) {
        Instant ended = sent.endedAt();
        return !sent.isNew() || ended.equals(Instant.MAX)
                ? ended
                : awaited.stream()
                        .filter(other -> !other.isNew() && !other.at().isAfter(sent.at()))
                        .map(Sent::silentFrom)
                        .max(Comparator.naturalOrder())
                        .orElse(ended);
    }

    /** Waits for the next result, and sends a probe if none is awaited. Blocks. */
    void awaitResult(Instant now) {
        sendNewUntil(1, now);
        awaited.get(0).result().join();
    }

    /**
     * Takes the next result; null if none has come.
     *
     * @param maySend whether a probe may be sent again whose connection has closed before it
     */
    @Nullable
    Ended take(Instant now, boolean maySend) {
        Sent next = takeable()
                .filter(sent -> !takenAt(sent).isAfter(now))
                .min(Comparator.comparing(Sent::endedAt))
                .orElse(null);
        if (next == null) {
            return null;
        }
        Fresh fresh = next.fresh();
        boolean isLate = late.remove(next);
        if (maySend && !isLate && fresh != null && fresh.early() && next.isUnreachable()) {
            // A connection opened early may have closed since, which proves nothing.
            Fresh again = fresh.again();
            awaited.set(awaited.indexOf(next), send(next.connection(), again, again.probeConnection(), now));
            return take(now, true);
        }
        awaited.remove(next);
        lastResponded = next.isNew() && next.hasResponse() ? next : lastResponded;
        known.put(next.connection(), next.over());
        ProbeResult result = next.result().join();
        return new Ended(next.connection(), next.isNew(), isLate, next.over().isOpen(), result);
    }

    /**
     * Closes the known connections that are not {@code needed}, and those opened ahead that {@code verdict} needs not.
     */
    void keep(IntPredicate needed, Verdict verdict) {
        known.entrySet().removeIf(entry -> {
            boolean ends = !needed.test(entry.getKey());
            if (ends) {
                entry.getValue().close();
            }
            return ends;
        });
        awaited.removeIf(sent -> !sent.isNew() && !known.containsKey(sent.connection()));
        newConnections.closeUnneeded(verdict);
    }

    /** Closes the connections opened ahead. From here on the results of the other new connections are late. */
    void setNewAside() {
        newConnections.close();
        awaited.stream().filter(Sent::isNew).forEach(late::add);
        awaited.removeIf(Sent::isNew);
    }

    @Override
    public void close() {
        setNewAside();
        late.forEach(sent -> sent.over().close());
        late.clear();
        awaited.clear();
        known.values().forEach(ProbeConnection::close);
        known.clear();
    }
}
