package io.tokenguardian.apiserver;

import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * An API server whose replicas are discovered, each of which is probed at its own address. A replica returns the list
 * only to a token that it accepts, so the list is requested where a token has just been accepted, or from the service's
 * address if no listed replica responds. Until the list is known, and while reading it is forbidden, all connections go
 * to the service's address. If a later reading fails, the last list remains in use. May be used by any thread.
 */
public final class DiscoveringApiServer implements ApiServer {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    /** The time after which the list is read again, even if no change has been reported. */
    static final Duration MAX_AGE = Duration.ofMinutes(4);

    /** As {@link #MAX_AGE}, while a listed replica does not respond: it may soon be removed from the list. */
    static final Duration MAX_AGE_DURING_SILENCE = Duration.ofSeconds(3);

    /** @param replicas in the order of the list */
    private record Found(long generation, Map<ApiServerAddress, ApiServer> replicas) {
        List<ApiServerAddress> addresses() {
            return List.copyOf(replicas.keySet());
        }
    }

    private final ApiServer service;
    private final Function<ApiServerAddress, ApiServer> replicaAt;
    private final InstantSource timeline;
    private volatile Found found = new Found(0, Map.of());

    /** The replicas whose last probe got no usable response. A late result may add a former replica. */
    private final Set<ApiServerAddress> silent = ConcurrentHashMap.newKeySet();

    private volatile @Nullable Instant readAt;
    private long requested; // the number of the last request for the list
    private volatile long answered; // the number of the last request whose response has been taken
    private volatile CompletableFuture<?> lastListing = CompletableFuture.completedFuture(null);
    private final List<Runnable> changeListeners = new CopyOnWriteArrayList<>();
    private @Nullable String lastLogged;

    /** Sends no request. {@code replicaAt} creates the API server for a replica's own address. */
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
    public List<ApiServer> round() {
        Map<ApiServerAddress, ApiServer> current = found.replicas();
        return current.isEmpty()
                ? List.of(this)
                : current.entrySet().stream()
                        .sorted(Comparator.comparing(replica -> silent.contains(replica.getKey())))
                        .<ApiServer>map(replica -> () ->
                                new DiscoveringConnection(replica.getValue().open(), replica.getKey()))
                        .toList();
    }

    @Override
    public Replicas replicas() {
        Found current = found;
        return new Replicas(current.generation(), current.replicas().size());
    }

    @Override
    public List<ApiServerAddress> discovered() {
        return found.addresses();
    }

    @Override
    public void onReplicaChange(Runnable changeListener) {
        changeListeners.add(changeListener);
    }

    /** Marks the list as possibly outdated, so that it is read again after the next accepted token. */
    public void invalidateList() {
        readAt = null;
    }

    /** Returns the sequence number of the list request that the caller must send now; 0 if none is due. */
    private synchronized long startListing() {
        Instant read = readAt;
        Instant now = timeline.instant();
        boolean silence = found.replicas().keySet().stream().anyMatch(silent::contains);
        if (read != null && now.isBefore(read.plus(silence ? MAX_AGE_DURING_SILENCE : MAX_AGE))) {
            return 0;
        }
        readAt = now; // the list may lack a change that is reported from now on
        return ++requested;
    }

    /** Takes the response, unless the response to a later request has already been taken. */
    private synchronized void take(long request, ReplicaList list) {
        if (request < answered) {
            return;
        }
        if (list instanceof ReplicaList.Known known) {
            if (!known.addresses().equals(found.addresses())) {
                replace(known.addresses());
            }
            logIfNew(true, "replicas=" + known.addresses() + " Each replica is probed at its own address.");
        } else if (list instanceof ReplicaList.Forbidden) {
            if (!found.replicas().isEmpty()) {
                // From now on, the removal of a replica would go unnoticed.
                replace(List.of());
            }
            logIfNew(
                    false,
                    "replicas=unknown The service account may not list endpointslices in namespace default."
                            + " Apply k8s/rbac/discovery to allow it. The list is requested again at least every 5"
                            + " minutes. Until a request succeeds,"
                            + " guardian.readiness.confirmations decides when the token is accepted.");
        } else if (list instanceof ReplicaList.Unknown unknown) {
            logIfNew(
                    false,
                    "replicas=" + (found.replicas().isEmpty() ? "unknown " : "unchanged ") + unknown.explanation());
            return;
        }
        answered = request;
    }

    /** Keeps the servers of replicas that stay. */
    private void replace(List<ApiServerAddress> addresses) {
        Map<ApiServerAddress, ApiServer> replicas = new LinkedHashMap<>();
        Found before = found;
        for (ApiServerAddress address : addresses) {
            ApiServer staying = before.replicas().get(address);
            replicas.put(address, staying == null ? replicaAt.apply(address) : staying);
        }
        silent.retainAll(replicas.keySet());
        found = new Found(before.generation() + 1, replicas);
        changeListeners.forEach(Runnable::run);
    }

    private void record(ApiServerAddress replica, ProbeOutcome outcome) {
        if (outcome instanceof ProbeOutcome.Unreachable || outcome instanceof ProbeOutcome.Unavailable) {
            silent.add(replica);
        } else {
            silent.remove(replica);
        }
    }

    private void logIfNew(boolean good, String line) {
        if (!line.equals(lastLogged)) {
            lastLogged = line;
            LOG.log(good ? Logger.Level.INFO : Logger.Level.WARN, line);
        }
    }

    private final class DiscoveringConnection extends ForwardingProbeConnection {
        private final @Nullable ApiServerAddress replica;
        private volatile CompletableFuture<?> listing = CompletableFuture.completedFuture(null);
        private volatile boolean closed;
        private volatile boolean accepted;

        /** @param replica the listed replica; null if the service picks the replica */
        DiscoveringConnection(ProbeConnection probeConnection, @Nullable ApiServerAddress replica) {
            super(probeConnection);
            this.replica = replica;
        }

        /**
         * Delays each acceptance until the requested list has arrived, which may contain a replica that refuses. All
         * wait for the first list: until then, new connections to the service would be useless.
         */
        @Override
        public CompletableFuture<ProbeResult> probe(Token token) {
            return super.probe(token).thenCompose(result -> {
                // A probe that was aborted on this side shows nothing about the replica.
                if (replica != null && !closed) {
                    record(replica, result.outcome());
                }
                requestList(token, result.outcome());
                if (!(result.outcome() instanceof ProbeOutcome.Authenticated)) {
                    return CompletableFuture.completedFuture(result);
                }
                accepted = true;
                return (answered == 0 ? lastListing : listing).thenApply(done -> result);
            });
        }

        @Override
        public boolean hasAccepted() {
            return accepted;
        }

        @Override
        public void reportSilence() {
            if (replica != null) {
                silent.add(replica);
            }
        }

        private void requestList(Token token, ProbeOutcome outcome) {
            boolean accepted = outcome instanceof ProbeOutcome.Authenticated && isOpen();
            long request = accepted || isEachSilent() ? startListing() : 0;
            if (request == 0) {
                return;
            }
            ProbeConnection over = accepted ? this : service.open();
            listing = over.listReplicas(token)
                    .thenAccept(list -> take(request, list))
                    .whenComplete((taken, failure) -> {
                        if (!accepted) {
                            over.close();
                        }
                    });
            lastListing = listing.exceptionally(failure -> null); // the probe that sent the request fails
        }

        private boolean isEachSilent() {
            List<ApiServerAddress> replicas = found.addresses();
            return !replicas.isEmpty() && silent.containsAll(replicas);
        }

        /** Closes the connection, but only after the response to any pending request for the list. */
        @Override
        @SuppressWarnings("FutureReturnValueIgnored") // nothing waits until the connection is closed
        public void close() {
            closed = true;
            listing.whenComplete((list, failure) -> super.close());
        }
    }
}
