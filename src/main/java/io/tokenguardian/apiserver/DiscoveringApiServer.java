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
 * An API server whose replicas are found out and asked each by its own address. Who they are is asked over the very
 * connection on which a replica has just accepted a token: before that nobody would say. As long as that is not known,
 * or may not be asked, this is the one address that it was made with. The list is read again by the next such connection when
 * it is {@linkplain #outdated() said} to have changed, when it is old, and every few seconds while a replica that is listed
 * does not answer. May be used by any thread.
 */
public final class DiscoveringApiServer implements ApiServer {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    /** The list is read again after this long even if nobody says that it has changed. */
    static final Duration LASTS = Duration.ofMinutes(4);

    /** The same while a replica that is listed does not answer: it may be about to be dropped from the list. */
    static final Duration LASTS_DURING_SILENCE = Duration.ofSeconds(3);

    private record Found(long generation, List<ApiServerAddress> addresses, List<ApiServer> servers) {}

    private final ApiServer service;
    private final Function<ApiServerAddress, ApiServer> replicaAt;
    private final InstantSource timeline;
    private final Set<ApiServerAddress> silent = ConcurrentHashMap.newKeySet();
    private volatile Found found = new Found(0, List.of(), List.of());
    private volatile @Nullable Instant readAt;
    private volatile boolean listed;
    private volatile Runnable listener = () -> {};
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
        return new Discovering(service.open(), null);
    }

    @Override
    public Conversation open(int turn) {
        Found now = found;
        if (now.servers().isEmpty()) {
            return open();
        }
        int next = Math.floorMod(turn, now.servers().size());
        return new Discovering(now.servers().get(next).open(), now.addresses().get(next));
    }

    @Override
    public Replicas replicas() {
        Found now = found;
        return new Replicas(now.generation(), now.servers().size());
    }

    /** Says that the list may have changed: the next accepted answer is followed by reading it again. */
    public void outdated() {
        readAt = null;
    }

    /** Whom to tell, on any thread, each time the replicas have been listed. */
    public void onListed(Runnable listener) {
        this.listener = listener;
    }

    /** Whether the replicas could be listed when that was tried last; an answer that says nothing of it leaves that as it was. */
    public boolean isListed() {
        return listed;
    }

    private boolean isDue() {
        Instant read = readAt;
        boolean silence = found.addresses().stream().anyMatch(silent::contains);
        Duration lasts = silence ? LASTS_DURING_SILENCE : LASTS;
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
            tell(true, "replicas=" + known.addresses() + " Each of them is asked by its own address.");
            listener.run();
        } else if (list instanceof ReplicaList.Forbidden) {
            listed = false;
            tell(
                    false,
                    "replicas=unknown The service account may not list endpointslices in namespace default:"
                            + " k8s/rbac/discovery allows it. It is tried again, at least every 5 minutes; until then acceptance is"
                            + " told by guardian.readiness.confirmations.");
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
        private final @Nullable ApiServerAddress address;

        /** @param address by which the list knows the replica; null for whichever the service deals */
        Discovering(Conversation conversation, @Nullable ApiServerAddress address) {
            super(conversation);
            this.address = address;
        }

        @Override
        public Answer ask(Token token) {
            Answer answer = super.ask(token);
            noteSilence(answer.reply());
            if (answer.reply() instanceof Reply.Authenticated && isDue() && isOpen()) {
                take(replicas(token));
            }
            return answer;
        }

        private void noteSilence(Reply reply) {
            if (address == null) {
                return;
            }
            boolean answered = !(reply instanceof Reply.Unreachable || reply instanceof Reply.Unavailable);
            if (answered) {
                silent.remove(address);
            } else {
                silent.add(address);
            }
        }
    }
}
