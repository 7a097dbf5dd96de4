package io.tokenguardian.apiserver;

import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * An API server whose replicas are found out and asked each by its own address. Who they are is asked over the very
 * connection on which a replica has just accepted a token: before that nobody would say. As long as that is not known,
 * or may not be asked, this is the one address that it was made with. May be used by any thread.
 */
public final class DiscoveringApiServer implements ApiServer {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    /** The list is read again after this long even if nobody says that it has changed. */
    static final Duration LASTS = Duration.ofMinutes(4);

    private record Found(long generation, List<ApiServerAddress> addresses, List<ApiServer> servers) {}

    private final ApiServer service;
    private final Function<ApiServerAddress, ApiServer> replicaAt;
    private final InstantSource timeline;
    private volatile Found found = new Found(0, List.of(), List.of());
    private volatile Instant dueAt = Instant.MIN;
    private volatile Runnable listed = () -> {};
    private @Nullable String told;

    /**
     * Asks nothing yet.
     *
     * @param service the address behind which the replicas are
     * @param replicaAt a replica by its own address
     */
    public DiscoveringApiServer(
            ApiServer service, Function<ApiServerAddress, ApiServer> replicaAt, InstantSource timeline) {
        this.service = service;
        this.replicaAt = replicaAt;
        this.timeline = timeline;
    }

    @Override
    public Conversation open() {
        return new Discovering(service.open());
    }

    @Override
    public Conversation open(int turn) {
        List<ApiServer> servers = found.servers();
        ApiServer next = servers.isEmpty() ? service : servers.get(Math.floorMod(turn, servers.size()));
        return new Discovering(next.open());
    }

    @Override
    public Replicas replicas() {
        Found now = found;
        return new Replicas(now.generation(), now.servers().size());
    }

    /** Says that the list may have changed: the next accepted answer is followed by reading it again. */
    public void outdated() {
        dueAt = Instant.MIN;
    }

    /** Whom to tell, on any thread, each time the replicas have been listed. */
    public void onListed(Runnable listener) {
        listed = listener;
    }

    private void take(ReplicaList list) {
        dueAt = timeline.instant().plus(LASTS);
        if (list instanceof ReplicaList.Known known) {
            if (!known.addresses().equals(found.addresses())) {
                found = new Found(
                        found.generation() + 1,
                        known.addresses(),
                        known.addresses().stream().map(replicaAt).toList());
                tell(true, "replicas=" + known.addresses() + " Each of them is asked by its own address.");
            }
            listed.run();
        } else if (list instanceof ReplicaList.Forbidden) {
            tell(
                    false,
                    "replicas=unknown The service account may not list endpointslices in namespace default:"
                            + " k8s/rbac/discovery allows it. Acceptance is told by guardian.readiness.confirmations.");
        } else if (list instanceof ReplicaList.Unknown unknown) {
            tell(false, "replicas=unknown " + unknown.explanation());
        }
    }

    private synchronized void tell(boolean good, String line) {
        if (!line.equals(told)) {
            told = line;
            LOG.log(good ? Logger.Level.INFO : Logger.Level.WARN, line);
        }
    }

    private final class Discovering extends ForwardingConversation {
        Discovering(Conversation conversation) {
            super(conversation);
        }

        @Override
        public Answer ask(Token token) {
            Answer answer = super.ask(token);
            boolean due = !timeline.instant().isBefore(dueAt);
            if (due && answer.reply() instanceof Reply.Authenticated && isOpen()) {
                take(replicas(token));
            }
            return answer;
        }
    }
}
