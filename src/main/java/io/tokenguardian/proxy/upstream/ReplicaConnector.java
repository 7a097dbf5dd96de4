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
 * Opens the connections of one event loop. The accepting replicas take turns, beginning with a random replica, as in
 * gRPC's {@code round_robin}. If none is left to try, the connection goes to the address of the service, since a
 * network policy may allow only that address.
 */
public final class ReplicaConnector {
    /** For the TCP connection and, separately, the TLS handshake. Short, because other addresses can be tried. */
    static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final UpstreamConnector service;
    private final Supplier<List<ApiServer.Discovered>> discovered;
    private final LongSupplier nanoTime;
    private final DoubleSupplier chance;
    private List<ApiServer.Discovered> listed = List.of();
    private List<DirectReplica> replicas = List.of();
    private int next;

    /** @param discovered see {@link ApiServer#discovered()} */
    public ReplicaConnector(
            UpstreamConnector service, Supplier<List<ApiServer.Discovered>> discovered, LongSupplier nanoTime) {
        this(service, discovered, nanoTime, () -> ThreadLocalRandom.current().nextDouble());
    }

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

    boolean knowsReplicas() {
        return !replicas().isEmpty();
    }

    UpstreamConnector service() {
        return service;
    }

    /** Fails once every accepting replica has been tried. */
    void connectToReplica(
            LeaseRequest request, EventLoop eventLoop, UpstreamPool pool, UpstreamConnector.Outcome outcome) {
        new Round(request, eventLoop, pool, outcome, nanoTime.getAsLong())
                .next(new ConnectionFault(ProxyFault.UPSTREAM_UNREACHABLE, "no replica accepts any more", false));
    }

    /** The attempts for one request. Each address is tried only once, however long the other attempts take. */
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

    /** Returns the next replica to connect to; null for none. Skips replicas that have failed since {@code since}. */
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
