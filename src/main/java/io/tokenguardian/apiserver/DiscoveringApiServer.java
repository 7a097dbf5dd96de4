package io.tokenguardian.apiserver;

import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * An API server whose replicas are discovered, so that each can be probed by its own address. The list of replicas is
 * requested on a connection on which a replica has just accepted a token: replicas require one. While the list is
 * unknown or forbidden, all connections go to the one address from the constructor. An accepted token leads to a new
 * request if the list is old or {@link #invalidateList()} was called, and every few seconds while a listed replica does
 * not answer. May be used by any thread.
 */
public final class DiscoveringApiServer implements ApiServer {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    /** The list is read again after this long, even if nobody has reported a change. */
    static final Duration MAX_AGE = Duration.ofMinutes(4);

    /** The same while a listed replica does not answer, since it may soon be removed from the list. */
    static final Duration MAX_AGE_DURING_SILENCE = Duration.ofSeconds(3);

    private record Found(long generation, List<ApiServerAddress> addresses, List<ApiServer> servers) {}

    private final ApiServer service;
    private final Function<ApiServerAddress, ApiServer> replicaAt;
    private final InstantSource timeline;
    private final Set<ApiServerAddress> silent = ConcurrentHashMap.newKeySet();
    private volatile Found found = new Found(0, List.of(), List.of());
    private volatile @Nullable Instant readAt;
    private volatile boolean listed;
    private volatile Runnable listener = () -> {};
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
        Found current = found;
        if (current.servers().isEmpty()) {
            return open();
        }
        int next = Math.floorMod(turn, current.servers().size());
        return new DiscoveringConnection(
                current.servers().get(next).open(), current.addresses().get(next));
    }

    @Override
    public Replicas replicas() {
        Found current = found;
        return new Replicas(current.generation(), current.servers().size());
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
        boolean silence = found.addresses().stream().anyMatch(silent::contains);
        Duration lasts = silence ? MAX_AGE_DURING_SILENCE : MAX_AGE;
        return read == null || !timeline.instant().isBefore(read.plus(lasts));
    }

    private void take(ReplicaList list) {
        readAt = timeline.instant();
        if (list instanceof ReplicaList.Known known) {
            listed = true;
            if (!known.addresses().equals(found.addresses())) {
                found = new Found(
                        found.generation() + 1,
                        known.addresses(),
                        known.addresses().stream().map(replicaAt).toList());
                silent.retainAll(known.addresses());
            }
            logIfNew(true, "replicas=" + known.addresses() + " Each replica is probed at its own address.");
            listener.run();
        } else if (list instanceof ReplicaList.Forbidden) {
            listed = false;
            logIfNew(
                    false,
                    "replicas=unknown The service account may not list endpointslices in namespace default:"
                            + " k8s/rbac/discovery allows it. This is retried at least every 5 minutes. Until it works,"
                            + " guardian.readiness.confirmations decides when the token is accepted.");
        } else if (list instanceof ReplicaList.Unknown unknown) {
            logIfNew(false, "replicas=unknown " + unknown.explanation());
        }
    }

    private synchronized void logIfNew(boolean good, String line) {
        if (!line.equals(lastLogged)) {
            lastLogged = line;
            LOG.log(good ? Logger.Level.INFO : Logger.Level.WARN, line);
        }
    }

    private final class DiscoveringConnection extends ForwardingProbeConnection {
        private final @Nullable ApiServerAddress address;

        /** @param address the replica's address in the list; null if the service picks the replica */
        DiscoveringConnection(ProbeConnection probeConnection, @Nullable ApiServerAddress address) {
            super(probeConnection);
            this.address = address;
        }

        @Override
        public ProbeResult probe(Token token) {
            ProbeResult result = super.probe(token);
            noteSilence(result.outcome());
            if (result.outcome() instanceof ProbeOutcome.Authenticated && isDue() && isOpen()) {
                take(listReplicas(token));
            }
            return result;
        }

        private void noteSilence(ProbeOutcome outcome) {
            if (address == null) {
                return;
            }
            boolean answered =
                    !(outcome instanceof ProbeOutcome.Unreachable || outcome instanceof ProbeOutcome.Unavailable);
            if (answered) {
                silent.remove(address);
            } else {
                silent.add(address);
            }
        }
    }
}
