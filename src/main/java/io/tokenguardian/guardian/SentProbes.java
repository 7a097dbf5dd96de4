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
 * token. Results over new connections are taken in the order of the probes, so that no acceptance counts before each
 * earlier result is known, which may be a refusal. A silent replica may be skipped; its result then counts as late. Not
 * thread-safe.
 */
final class SentProbes implements AutoCloseable {
    private final Token token;
    private final NewConnections newConnections;
    private final Runnable onResult;

    /** In the order in which they were sent. */
    private final List<SentProbe> awaited = new ArrayList<>();

    /** Probes over new connections that were skipped, or were opened before the list of replicas changed. */
    private final List<SentProbe> late = new ArrayList<>();

    private final Map<Integer, ProbeConnection> known = new HashMap<>();
    private int nextConnection;

    /** The last probe over a new connection that got a response and whose result has been taken. */
    private @Nullable SentProbe lastResponded;

    /** A result is {@code late} if its connection was skipped, or the list of replicas has changed since the probe. */
    record Ended(int connection, boolean isNew, boolean late, boolean open, ProbeResult result) {}

    SentProbes(Token token, NewConnections newConnections, Runnable onResult) {
        this.token = token;
        this.newConnections = newConnections;
        this.onResult = onResult;
    }

    void sendNew(Instant now) {
        Fresh fresh = newConnections.take();
        awaited.add(send(nextConnection++, fresh, fresh.probeConnection(), now));
    }

    void sendNewUntil(int count, Instant now) {
        while (awaitedNew() < count) {
            sendNew(now);
        }
    }

    void sendPrepared(Instant now) {
        while (newConnections.arePrepared()) {
            sendNew(now);
        }
    }

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

    /** Does not count connections that were skipped. */
    int awaitedNew() {
        return (int) awaited.stream().filter(SentProbe::isNew).count();
    }

    boolean isAwaited(int connection) {
        return awaited.stream().anyMatch(sent -> sent.connection() == connection);
    }

    /**
     * Returns when the next new connection may be opened without a result: {@link Instant#MIN} if none is awaited,
     * {@link Instant#MAX} if never. At most {@code most} are awaited at a time, each silent for
     * {@link ApiServer#SILENCE}.
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
     * Skips the next new connection if it is silent, and returns its address; else null. It is silent if another new
     * connection, whose probe was sent no earlier, has a response, and this connection has none by
     * {@link SentProbe#othersSilentFrom}. A replica that has responded to a later probe is not silent.
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

    private Stream<SentProbe> takeable() {
        SentProbe firstNew = firstNew();
        return Stream.concat(late.stream(), awaited.stream().filter(sent -> !sent.isNew() || sent.equals(firstNew)));
    }

    /**
     * An acceptance does not count while a replica refuses, so the result of a new connection waits for earlier probes
     * over known connections, unless these are silent.
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

    void awaitResult(Instant now) {
        sendNewUntil(1, now);
        awaited.get(0).result().join();
    }

    /** Null if no result has arrived. With {@code maySend}, replaces a connection that was closed before its probe. */
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

    /** Closes known connections that are not {@code needed}, and early ones that {@code verdict} does not need. */
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
