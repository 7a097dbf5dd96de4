package io.tokenguardian.proxy.upstream;

import io.netty.channel.EventLoop;
import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Opens the connections of one event loop. If the replicas are discovered, a new connection goes directly to the
 * address of a replica that is known to accept a usable token. These replicas take turns, beginning with a random
 * replica, as in gRPC's {@code round_robin}. If a connection fails, the next replica is tried, and the failed address
 * is not used for a while. If no accepting replica is known, or none is left to try, the connection goes to the address
 * of the service. The service may lead to any replica, but a network policy may allow only the address of the service.
 */
public final class ReplicaConnector {
    /**
     * The time limit for the TCP connection to a replica's own address and, separately, for the TLS handshake. It is
     * short, because other addresses can be tried.
     */
    static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final UpstreamConnector service;
    private final Supplier<List<ApiServer.Discovered>> discovered;
    private final LongSupplier nanoTime;
    private final DoubleSupplier chance;
    private List<ApiServer.Discovered> listed = List.of();
    private List<DirectReplica> replicas = List.of();
    private int next;

    /**
     * Creates the connector of one event loop.
     *
     * @param service connects to the address of the service
     * @param discovered the discovered replicas; see {@link ApiServer#discovered()}
     */
    public ReplicaConnector(
            UpstreamConnector service, Supplier<List<ApiServer.Discovered>> discovered, LongSupplier nanoTime) {
        this(service, discovered, nanoTime, () -> ThreadLocalRandom.current().nextDouble());
    }

    /** @param chance returns a random number from 0 (inclusive) to 1 (exclusive) */
    ReplicaConnector(
            UpstreamConnector service,
            Supplier<List<ApiServer.Discovered>> discovered,
            LongSupplier nanoTime,
            DoubleSupplier chance) {
        this.service = service;
        this.discovered = discovered;
        this.nanoTime = nanoTime;
        this.chance = chance;
    }

    /** Whether a new connection for {@code request} goes to a replica that is known to accept a usable token. */
    boolean reachesAcceptingReplica(LeaseRequest request) {
        List<Token> usable = request.tokens().forNewConnection();
        return replicas().stream().anyMatch(replica -> replica.isOpenTo(usable));
    }

    /** Whether replicas have been discovered. */
    boolean knowsReplicas() {
        return !replicas().isEmpty();
    }

    /** The connector to the address of the service. */
    UpstreamConnector service() {
        return service;
    }

    /**
     * Opens a connection for {@code request} to a replica's own address, like {@link UpstreamConnector#connect}. Fails
     * once every accepting replica has been tried.
     */
    void connectToReplica(
            LeaseRequest request, EventLoop eventLoop, UpstreamPool pool, UpstreamConnector.Outcome outcome) {
        new Round(request, eventLoop, pool, outcome, nanoTime.getAsLong())
                .next(new ConnectionFault(ProxyFault.UPSTREAM_UNREACHABLE, "no replica accepts any more", false));
    }

    /**
     * Tries the replicas' addresses one after another for one request. Each address is tried only once, however long
     * the other attempts take.
     */
    private final class Round {
        private final LeaseRequest request;
        private final EventLoop eventLoop;
        private final UpstreamPool pool;
        private final UpstreamConnector.Outcome outcome;
        private final long since;

        Round(
                LeaseRequest request,
                EventLoop eventLoop,
                UpstreamPool pool,
                UpstreamConnector.Outcome outcome,
                long since) {
            this.request = request;
            this.eventLoop = eventLoop;
            this.pool = pool;
            this.outcome = outcome;
            this.since = since;
        }

        void next(ConnectionFault last) {
            DirectReplica replica = take(request.tokens().forNewConnection(), since);
            if (replica == null) {
                outcome.failed(last);
                return;
            }
            long begun = replica.begin();
            replica.connector().connect(eventLoop, pool, new UpstreamConnector.Outcome() {
                @Override
                public void connected(Upstream upstream) {
                    replica.connected();
                    upstream.tokens().setReplica(replica);
                    outcome.connected(upstream);
                }

                @Override
                public void failed(ConnectionFault fault) {
                    pool.log().replicaFailed(replica.replica().address(), fault.detail());
                    replica.failed(begun);
                    next(fault);
                }
            });
        }
    }

    /**
     * Returns the next replica to which a new connection with a token in {@code usable} may go; null for none.
     *
     * @param since in nanoseconds on the monotonic clock; replicas that have failed since then are skipped
     */
    private @Nullable DirectReplica take(List<Token> usable, long since) {
        List<DirectReplica> all = replicas();
        for (int i = 0; i < all.size(); i++) {
            int index = (next + i) % all.size();
            if (all.get(index).isOpenTo(usable) && !all.get(index).hasFailedSince(since)) {
                next = index + 1;
                return all.get(index);
            }
        }
        return null;
    }

    private List<DirectReplica> replicas() {
        List<ApiServer.Discovered> now = discovered.get();
        if (!now.equals(listed)) {
            replicas = now.stream().map(this::stayingOrNew).toList();
            listed = now;
            next = (int) (chance.getAsDouble() * now.size());
        }
        return replicas;
    }

    private DirectReplica stayingOrNew(ApiServer.Discovered replica) {
        return replicas.stream()
                .filter(known -> known.replica().equals(replica))
                .findFirst()
                .orElseGet(() -> new DirectReplica(replica, service.to(replica.address(), TIMEOUT), nanoTime, chance));
    }
}
