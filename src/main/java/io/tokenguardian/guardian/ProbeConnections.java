package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.ProbeConnection;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.EndedProbe;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The connections over which one token is probed: with a probe under way, or kept. Not thread-safe. */
final class ProbeConnections implements AutoCloseable {
    /** In place of a connection's number. */
    static final int NEW = -1;

    private final Token token;
    private final ApiServer apiServer;
    private final Runnable onResult;

    private final List<Sent> underWay = new ArrayList<>();

    /** The probes whose results have arrived, in the order of their arrival. Any thread may add to it. */
    private final Queue<Sent> arrived = new ConcurrentLinkedQueue<>();

    private final Map<Integer, ProbeConnection> known = new HashMap<>();
    private int nextConnection;

    private record Sent(int connection, boolean isNew, ProbeConnection over, CompletableFuture<ProbeResult> result) {}

    ProbeConnections(Token token, ApiServer apiServer, Runnable onResult) {
        this.token = token;
        this.apiServer = apiServer;
        this.onResult = onResult;
    }

    /** Sends a probe over a known connection, or over a new one. Returns the connection's number. */
    @SuppressWarnings("FutureReturnValueIgnored") // take() has the result
    int probe(int connection) {
        boolean isNew = connection == NEW;
        ProbeConnection over = isNew ? apiServer.open() : Objects.requireNonNull(known.get(connection));
        Sent sent = new Sent(isNew ? nextConnection++ : connection, isNew, over, over.probe(token));
        underWay.add(sent);
        sent.result.whenComplete((result, failure) -> {
            arrived.add(sent);
            onResult.run();
        });
        return sent.connection;
    }

    /** Returns how many new connections have a result that is waited for. */
    int awaited() {
        return (int) underWay.stream().filter(Sent::isNew).count();
    }

    boolean isBeingProbed(int connection) {
        return underWay.stream().anyMatch(sent -> sent.connection == connection);
    }

    boolean hasResult() {
        return !arrived.isEmpty();
    }

    void awaitResult() {
        if (underWay.isEmpty()) {
            probe(NEW);
        }
        underWay.get(0).result.join();
    }

    /** Null if no result has arrived. Throws the failure if the program failed to probe. */
    @Nullable
    EndedProbe take() {
        Sent sent = arrived.poll();
        if (sent == null || !underWay.remove(sent)) {
            return null; // the connection is no longer needed
        }
        known.put(sent.connection, sent.over);
        return new EndedProbe(sent.connection, sent.isNew, sent.over.isOpen(), sent.result.join());
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

    @Override
    public void close() {
        underWay.forEach(sent -> sent.over.close());
        underWay.clear();
        keep(connection -> false);
    }
}
