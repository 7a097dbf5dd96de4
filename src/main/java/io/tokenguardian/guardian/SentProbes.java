package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.ProbeConnection;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.guardian.NewConnections.Fresh;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntPredicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The probes of one token whose results have not been taken, and the connections on which replicas have refused the
 * token. Sending a probe does not block. Not thread-safe.
 *
 * <p>Results over new connections are taken in the order in which the probes were sent. Therefore, no acceptance counts
 * before the result of each earlier probe is known, because that result may be a refusal. A replica that remains silent
 * may be skipped; its result then counts as late.
 */
final class SentProbes implements AutoCloseable {
    private final Token token;
    private final NewConnections newConnections;
    private final Runnable onResult;

    /** The probes whose results are awaited, in the order in which they were sent. */
    private final List<SentProbe> awaited = new ArrayList<>();

    /** Probes over new connections that were skipped, or were opened before the list of replicas changed. */
    private final List<SentProbe> late = new ArrayList<>();

    private final Map<Integer, ProbeConnection> known = new HashMap<>();
    private int nextConnection;

    /** The last probe over a new connection that got a response and whose result has been taken. */
    private @Nullable SentProbe lastResponded;

    /**
     * A probe with its result.
     *
     * @param connection the number of its connection
     * @param isNew whether the probe was the first over its connection
     * @param late whether the connection was skipped before the result arrived, or the list of replicas has changed
     *     since the probe
     * @param open whether the connection can be used again
     */
    record Ended(int connection, boolean isNew, boolean late, boolean open, ProbeResult result) {}

    /** @param onResult called on any thread when a result arrives; must return at once */
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

    /** Sends probes over new connections until the results of {@code count} new connections are awaited. */
    void sendNewUntil(int count, Instant now) {
        while (awaitedNew() < count) {
            sendNew(now);
        }
    }

    /** Sends a probe over each connection that was opened early. */
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
    private SentProbe send(int connection, @Nullable Fresh fresh, ProbeConnection over, Instant now) {
        SentProbe sent = new SentProbe(connection, fresh, over, now, over.probe(token));
        sent.result().whenComplete((result, failure) -> onResult.run());
        return sent;
    }

    private ProbeConnection known(int connection) {
        return Objects.requireNonNull(known.get(connection), () -> "no connection " + connection + " to probe again");
    }

    /**
     * Returns the number of new connections on which a result is awaited, not counting connections that were skipped.
     */
    int awaitedNew() {
        return (int) awaited.stream().filter(SentProbe::isNew).count();
    }

    boolean isAwaited(int connection) {
        return awaited.stream().anyMatch(sent -> sent.connection() == connection);
    }

    /**
     * Returns when the next new connection may follow without waiting for a result; {@link Instant#MIN} if no result is
     * awaited on a new connection, {@link Instant#MAX} if never.
     *
     * @param most the maximum number of new connections on which a result may be awaited at a time, if each has been
     *     silent for {@link ApiServer#SILENCE}
     */
    Instant nextNew(int most) {
        int count = awaitedNew();
        if (count == 0) {
            return Instant.MIN;
        }
        return count >= most || nextPassOver().isBefore(Instant.MAX)
                ? Instant.MAX
                : awaited.stream()
                        .filter(SentProbe::isNew)
                        .map(SentProbe::silentFrom)
                        .max(Comparator.naturalOrder())
                        .orElseThrow();
    }

    /**
     * Skips the next new connection if it is silent. A connection is silent if another new connection, whose probe was
     * sent no earlier, has received a response, and this connection still has none after a further wait:
     * {@link ApiServer#SILENCE}, or as long again as that response took, whichever is longer. The response of the
     * skipped connection may still arrive. A replica that has responded to a later probe is not silent.
     *
     * @return the address of the silent replica; null if none is silent
     */
    @Nullable
    String passOver(Instant now) {
        SentProbe first = firstNew();
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

    /** Returns when {@link #passOver} will next have something to do; {@link Instant#MAX} if never. */
    Instant nextPassOver() {
        SentProbe first = firstNew();
        return first == null ? Instant.MAX : passOverAt(first);
    }

    private Instant passOverAt(SentProbe first) {
        if (first.result().isDone() || first.over().hasResponded()) {
            return Instant.MAX;
        }
        return Stream.concat(Stream.ofNullable(lastResponded), awaited.stream().filter(SentProbe::isNew))
                .filter(sent -> sent.hasResponse() && !sent.at().isBefore(first.at()))
                .map(SentProbe::othersSilentFrom)
                .min(Comparator.naturalOrder())
                .orElse(Instant.MAX);
    }

    private @Nullable SentProbe firstNew() {
        return awaited.stream().filter(SentProbe::isNew).findFirst().orElse(null);
    }

    /** Returns when {@link #take} will next have something to take; {@link Instant#MAX} if no result has arrived. */
    Instant nextResult() {
        return takeable().map(this::takenAt).min(Comparator.naturalOrder()).orElse(Instant.MAX);
    }

    /** Returns the probes whose results may be taken as soon as they arrive. */
    private Stream<SentProbe> takeable() {
        SentProbe firstNew = firstNew();
        return Stream.concat(late.stream(), awaited.stream().filter(sent -> !sent.isNew() || sent.equals(firstNew)));
    }

    /**
     * Returns when the result of {@code sent} may be taken. An acceptance does not count while a replica refuses. So
     * the result of a new connection waits for probes that were sent no later over known connections, unless these
     * connections are silent.
     */
    private Instant takenAt(SentProbe sent) {
        Instant ended = sent.endedAt();
        return !sent.isNew() || ended.equals(Instant.MAX)
                ? ended
                : awaited.stream()
                        .filter(other -> !other.isNew() && !other.at().isAfter(sent.at()))
                        .map(SentProbe::silentFrom)
                        .max(Comparator.naturalOrder())
                        .orElse(ended);
    }

    /** Blocks until the next result arrives. Sends a probe first if none is awaited. */
    void awaitResult(Instant now) {
        sendNewUntil(1, now);
        awaited.get(0).result().join();
    }

    /**
     * Takes the next result; null if none has arrived.
     *
     * @param maySend whether a probe may be sent over another connection if its connection was closed before the probe
     *     was sent
     */
    @Nullable
    Ended take(Instant now, boolean maySend) {
        SentProbe next = takeable()
                .filter(sent -> !takenAt(sent).isAfter(now))
                .min(Comparator.comparing(SentProbe::endedAt))
                .orElse(null);
        if (next == null) {
            return null;
        }
        Fresh fresh = next.fresh();
        boolean isLate = late.remove(next);
        if (maySend && !isLate && fresh != null && fresh.early() && next.isUnreachable()) {
            // A connection that was opened early may have been closed since, but that proves nothing.
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
     * Closes known connections that are not {@code needed}, and early connections that {@code verdict} does not need.
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

    /** Closes the connections that were opened early. Marks the results of the other new connections as late. */
    void setNewAside() {
        newConnections.close();
        awaited.stream().filter(SentProbe::isNew).forEach(late::add);
        awaited.removeIf(SentProbe::isNew);
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
