package io.tokenguardian.apiserver;

import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * An API server whose replicas are discovered, so that each can be probed by its own address. The list of replicas is
 * requested on a connection on which a replica has just accepted a token: replicas require one. Until it has been
 * known, and while it is forbidden, all connections go to the one address from the constructor. If it can't be read
 * again, the last one stays. An accepted token leads to a new request if the list is old or {@link #invalidateList()}
 * was called, and every few seconds while a listed replica does not answer. One thread may probe; the rest may be used
 * by any thread.
 */
public final class DiscoveringApiServer implements ApiServer {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    /** The list is read again after this long, even if nobody has reported a change. */
    static final Duration MAX_AGE = Duration.ofMinutes(4);

    /** The same while a listed replica does not answer, since it may soon be removed from the list. */
    static final Duration MAX_AGE_DURING_SILENCE = Duration.ofSeconds(3);

    private record Found(long generation, List<DiscoveredReplica> replicas) {
        List<ApiServerAddress> addresses() {
            return replicas.stream().map(DiscoveredReplica::address).toList();
        }

        /** Null if there is none at {@code address}. */
        @Nullable
        DiscoveredReplica at(ApiServerAddress address) {
            return replicas.stream()
                    .filter(replica -> replica.address().equals(address))
                    .findFirst()
                    .orElse(null);
        }
    }

    private final ApiServer service;
    private final Function<ApiServerAddress, ApiServer> replicaAt;
    private final InstantSource timeline;
    private volatile Found found = new Found(0, List.of());
    private volatile @Nullable Instant readAt;
    private volatile boolean listed;
    private volatile Runnable listener = () -> {};
    private final List<Runnable> acceptanceListeners = new CopyOnWriteArrayList<>();
    private @Nullable String lastLogged;

    /**
     * Sends no request yet.
     *
     * @param service the address in front of the replicas
     * @param replicaAt makes a replica from its own address
     */
    public DiscoveringApiServer(
            ApiServer service, Function<ApiServerAddress, ApiServer> replicaAt, InstantSource timeline) {
        this.service = service;
        this.replicaAt = replicaAt;
        this.timeline = timeline;
    }

    @Override
    public ProbeConnection open() {
        return new DiscoveringConnection(service.open(), null);
    }

    @Override
    public ProbeConnection open(int turn) {
        List<DiscoveredReplica> current = found.replicas();
        if (current.isEmpty()) {
            return open();
        }
        DiscoveredReplica replica = current.get(Math.floorMod(turn, current.size()));
        return new DiscoveringConnection(replica.server().open(), replica);
    }

    @Override
    public Replicas replicas() {
        Found current = found;
        return new Replicas(current.generation(), current.replicas().size());
    }

    @Override
    public List<Discovered> discovered() {
        return List.copyOf(found.replicas());
    }

    @Override
    public Runnable onAcceptance(Runnable acceptanceListener) {
        acceptanceListeners.add(acceptanceListener);
        return () -> acceptanceListeners.remove(acceptanceListener);
    }

    /** Marks the list as possibly changed. It is read again after the next accepted token. */
    public void invalidateList() {
        readAt = null;
    }

    /** Sets the listener that is called, on any thread, each time the replicas have been listed. */
    public void setListListener(Runnable listener) {
        this.listener = listener;
    }

    /** Whether the last attempt to list the replicas was allowed. An {@link ReplicaList.Unknown} does not change it. */
    public boolean isListingAllowed() {
        return listed;
    }

    private boolean isDue() {
        Instant read = readAt;
        boolean silence = found.replicas().stream().anyMatch(DiscoveredReplica::isSilent);
        Duration lasts = silence ? MAX_AGE_DURING_SILENCE : MAX_AGE;
        return read == null || !timeline.instant().isBefore(read.plus(lasts));
    }

    private void take(ReplicaList list) {
        if (list instanceof ReplicaList.Known known) {
            listed = true;
            Found before = found;
            if (!known.addresses().equals(before.addresses())) {
                found = new Found(
                        before.generation() + 1,
                        known.addresses().stream()
                                .map(address -> stayingOrNew(before, address))
                                .toList());
            }
            logIfNew(true, "replicas=" + known.addresses() + " Each replica is probed at its own address.");
            listener.run();
        } else if (list instanceof ReplicaList.Forbidden) {
            listed = false;
            if (!found.replicas().isEmpty()) {
                // A replica that has gone would not be noticed any more.
                found = new Found(found.generation() + 1, List.of());
            }
            logIfNew(
                    false,
                    "replicas=unknown The service account may not list endpointslices in namespace default."
                            + " Apply k8s/rbac/discovery to allow it. The list is requested again at least every 5"
                            + " minutes. Until it works,"
                            + " guardian.readiness.confirmations decides when the token is accepted.");
        } else if (list instanceof ReplicaList.Unknown unknown) {
            logIfNew(
                    false,
                    "replicas=" + (found.replicas().isEmpty() ? "unknown " : "unchanged ") + unknown.explanation());
        }
    }

    /** What is known of a replica that stays in the list is kept. */
    private DiscoveredReplica stayingOrNew(Found before, ApiServerAddress address) {
        DiscoveredReplica staying = before.at(address);
        return staying == null ? new DiscoveredReplica(address, replicaAt.apply(address)) : staying;
    }

    private synchronized void logIfNew(boolean good, String line) {
        if (!line.equals(lastLogged)) {
            lastLogged = line;
            LOG.log(good ? Logger.Level.INFO : Logger.Level.WARN, line);
        }
    }

    private final class DiscoveringConnection extends ForwardingProbeConnection {
        private final @Nullable DiscoveredReplica replica;

        /** @param replica the replica in the list; null if the service picks it */
        DiscoveringConnection(ProbeConnection probeConnection, @Nullable DiscoveredReplica replica) {
            super(probeConnection);
            this.replica = replica;
        }

        @Override
        public ProbeResult probe(Token token) {
            ProbeResult result = super.probe(token);
            if (replica != null && replica.record(token, result.outcome())) {
                acceptanceListeners.forEach(Runnable::run);
            }
            if (result.outcome() instanceof ProbeOutcome.Authenticated && isDue() && isOpen()) {
                readAt = timeline.instant(); // the list may lack a change that is reported from here on
                take(listReplicas(token));
            }
            return result;
        }
    }
}
