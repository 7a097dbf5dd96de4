package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ProbeConnection;
import io.tokenguardian.token.Token;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/** The connections over which replicas have refused a token, by their numbers. Not thread-safe. */
final class RefusingConnections {
    private final Map<Integer, ProbeConnection> connections = new HashMap<>();
    private List<Integer> sent = List.of();

    void put(int connection, ProbeConnection probeConnection) {
        connections.put(connection, probeConnection);
    }

    ProbeConnection get(int connection) {
        ProbeConnection known = connections.get(connection);
        if (known == null) {
            throw new IllegalStateException("no connection " + connection + " to probe again");
        }
        return known;
    }

    /** Sends {@code token} over these, and waits for no response. {@link #takeSent} tells which to wait for. */
    void sendAhead(List<Integer> numbers, Token token) {
        sent = numbers;
        sent.forEach(connection -> get(connection).sendAhead(token));
    }

    /** Whether there are responses to wait for. */
    boolean haveSent() {
        return !sent.isEmpty();
    }

    List<Integer> takeSent() {
        List<Integer> taken = sent;
        sent = List.of();
        return taken;
    }

    /** Closes those that are not {@code needed}. */
    void keep(IntPredicate needed) {
        connections.entrySet().removeIf(entry -> {
            boolean ends = !needed.test(entry.getKey());
            if (ends) {
                entry.getValue().close();
            }
            return ends;
        });
    }
}
