package io.tokenguardian.fleet;

import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.replica.ValidityWindow;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.NavigableSet;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Three API servers behind one address. Each connection goes to one of them by lot, as with kube-proxy. */
final class FleetNetwork {

    /** The program that opens a connection. One of the two methods is called, once. */
    interface Client {
        void onConnected(FleetConnection connection);

        /** Called without a connection. {@code silent} is whether the handshake took too long. */
        void onFailed(boolean silent);
    }

    final List<FleetReplica> replicas;
    final FleetTally handshakes;
    private final SimulatedTime time;
    private final SplittableRandom lots;

    FleetNetwork(SimulatedTime time, FleetSize size, SplittableRandom lots) {
        this.time = time;
        this.lots = lots;
        this.replicas = List.of(
                new FleetReplica("cp-1", time, size),
                new FleetReplica("cp-2", time, size),
                new FleetReplica("cp-3", time, size));
        this.handshakes = new FleetTally(time.now());
    }

    /**
     * Opens a connection as {@code Connector} does.
     *
     * @param attempts how often to try, if replicas refuse the connection or end during the handshake
     * @param timeout the time limit of the attempts, and again of a handshake
     */
    void connect(int attempts, Duration timeout, Client client) {
        new Opening(attempts, time.now().plus(timeout), timeout, client).attempt();
    }

    private @Nullable FleetReplica deal() {
        List<FleetReplica> endpoints =
                replicas.stream().filter(FleetReplica::hasEndpoint).toList();
        return endpoints.isEmpty() ? null : endpoints.get(lots.nextInt(endpoints.size()));
    }

    private final class Opening {
        private final Instant end;
        private final Duration timeout;
        private final Client client;
        private int left;

        Opening(int attempts, Instant end, Duration timeout, Client client) {
            this.left = attempts;
            this.end = end;
            this.timeout = timeout;
            this.client = client;
        }

        void attempt() {
            left--;
            time.after(FleetConnection.ONE_WAY.multipliedBy(2), this::arrive);
        }

        private void arrive() {
            FleetReplica replica = deal();
            if (replica == null || !replica.isUp()) {
                attemptAgain();
                return;
            }
            handshakes.count(time.now());
            FleetConnection connection = new FleetConnection(replica, time, this::attemptAgain);
            Instant done = replica.queue(connection);
            Instant known = done == null ? Instant.MAX : done.plus(FleetConnection.ONE_WAY.multipliedBy(2));
            boolean silent = known.isAfter(time.now().plus(timeout));
            time.at(silent ? time.now().plus(timeout) : known, () -> {
                if (connection.isOpen() && silent) {
                    connection.close();
                    client.onFailed(true);
                } else if (connection.isOpen()) {
                    client.onConnected(connection);
                }
            });
        }

        private void attemptAgain() {
            if (left > 0 && time.now().isBefore(end)) {
                attempt();
            } else {
                client.onFailed(false);
            }
        }
    }

    /** Returns since when all replicas that were up have accepted the token; null if one refuses it now. */
    @Nullable
    Instant acceptedSince(Token token, Instant read) {
        ValidityWindow window = ValidityWindow.of(token, FleetReplica.LEEWAY);
        NavigableSet<Instant> boundaries = new TreeSet<>(Collections.reverseOrder());
        replicas.forEach(each -> each.boundaries(window, boundaries));
        boundaries.add(read);
        Instant since = null;
        for (Instant each : boundaries.tailSet(time.now(), true)) {
            if (each.isBefore(read) || !isAccepted(window, each)) {
                break;
            }
            since = each;
        }
        return since;
    }

    private boolean isAccepted(ValidityWindow window, Instant at) {
        return replicas.stream().anyMatch(each -> each.wasUpAt(at))
                && replicas.stream().noneMatch(each -> each.refusedAt(window, at));
    }
}
