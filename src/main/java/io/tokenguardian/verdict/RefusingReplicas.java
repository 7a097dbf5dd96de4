package io.tokenguardian.verdict;

import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/** The replicas that refused a token as not yet valid and have not accepted it since. Immutable. */
public record RefusingReplicas(List<RefusingReplica> replicas) {

    static final RefusingReplicas NONE = new RefusingReplicas(List.of());

    public RefusingReplicas {
        replicas = List.copyOf(replicas);
    }

    public boolean isEmpty() {
        return replicas.isEmpty();
    }

    public int size() {
        return replicas.size();
    }

    /**
     * Returns the replicas that may still refuse: with an open connection, until they accept; with a lost connection,
     * until their clock is certain to have reached the window. With a lost connection and an unknown clock, never.
     */
    RefusingReplicas outstanding(TokenTerms terms, Instant now) {
        Instant from = terms.window().from();
        return from == null
                ? NONE
                : new RefusingReplicas(replicas.stream()
                        .filter(each -> each.open() || each.clockMayBeBefore(from, now))
                        .toList());
    }

    /** Returns one member of each group of entries that are probably a single replica. */
    Stream<RefusingReplica> representatives(Instant now) {
        return replicas.stream().filter(each -> replicas.stream().noneMatch(other -> each.isRepresentedBy(other, now)));
    }

    public boolean mayProbeAgain(int connection) {
        return replicas.stream().anyMatch(each -> each.connection() == connection && each.open());
    }

    /** Whether the replica that refused on {@code connection} is probably one of the others. */
    boolean isLikelyKnown(int connection, Instant now) {
        return replicas.stream()
                .filter(each -> each.connection() == connection)
                .anyMatch(newest -> replicas.stream().anyMatch(other -> newest.isLikelyKnownAs(other, now)));
    }

    RefusingReplica on(int connection) {
        return replicas.stream()
                .filter(each -> each.connection() == connection)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no refusing replica on connection " + connection));
    }

    RefusingReplicas without(int connection) {
        return new RefusingReplicas(replicas.stream()
                .filter(each -> each.connection() != connection)
                .toList());
    }

    /** Adds {@code replica} after all others, in place of an earlier state of it. */
    RefusingReplicas with(RefusingReplica replica) {
        Stream<RefusingReplica> others = without(replica.connection()).replicas.stream();
        return new RefusingReplicas(Stream.concat(others, Stream.of(replica)).toList());
    }
}
