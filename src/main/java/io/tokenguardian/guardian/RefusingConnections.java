package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ProbeConnection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntPredicate;

/** The connections over which replicas have refused a token, by their numbers. Not thread-safe. */
final class RefusingConnections {
    private final Map<Integer, ProbeConnection> connections = new HashMap<>();

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
