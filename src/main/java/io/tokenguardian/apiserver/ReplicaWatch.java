package io.tokenguardian.apiserver;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.tokenguardian.concurrent.Backoff;
import io.tokenguardian.concurrent.Loop;
import io.tokenguardian.concurrent.LoopThread;
import io.tokenguardian.concurrent.ThreadState;
import io.tokenguardian.concurrent.Watched;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The thread {@code replica-watch}. It watches the EndpointSlices of the service {@code kubernetes}, and requests the
 * list of replicas again when they change, and when a watch has ended. After a watch without an event, the pauses grow,
 * because the client does not report why the watch ended, and the bearer may not be allowed to watch. If the proxy is
 * off, no client exists to watch with. The list is then requested once per replica in each {@link #ROUND}, and with
 * each request, the guardian also probes the next replica. While listing is forbidden, these pauses grow too.
 */
public final class ReplicaWatch implements Watched, AutoCloseable {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    /** The pause after a watch that has received an event. */
    static final Duration PAUSE = Duration.ofSeconds(10);

    /** The maximum wait while a watch is open. Meanwhile, the thread only waits for the watch to end. */
    static final Duration UNTIL_WOKEN = Duration.ofDays(1);

    /** The time in which the list is requested once per replica, if no watch is possible. */
    static final Duration ROUND = Duration.ofSeconds(30);

    /** Consecutive failures before a warning: about half a minute, longer than a restart of an API server. */
    static final int FAILURES_TO_REPORT = 3;

    /** A longer turn is reported as a fault. Opening a watch does not wait for a response. */
    private static final Duration LONGEST_TURN = Duration.ofMinutes(2);

    private static final ResourceDefinitionContext SLICES = new ResourceDefinitionContext.Builder()
            .withGroup("discovery.k8s.io")
            .withVersion("v1")
            .withKind("EndpointSlice")
            .withPlural("endpointslices")
            .withNamespaced(true)
            .build();

    private final @Nullable Function<Watcher<GenericKubernetesResource>, Watch> opener;
    private final Runnable requestList;
    private final IntSupplier replicas;
    private final DoubleSupplier chance;
    private final LoopThread thread = new LoopThread("replica-watch", LONGEST_TURN, new WatchLoop());
    private final AtomicBoolean reported = new AtomicBoolean();

    private @Nullable Attempt current;
    private int failures;

    /**
     * Creates the thread without starting it.
     *
     * @param client supplies a client with an accepted token; null if the proxy is off
     * @param recheck makes the guardian probe soon; called on this thread or the client's, and must return at once
     */
    public static ReplicaWatch of(
            DiscoveringApiServer server,
            @Nullable Supplier<KubernetesClient> client,
            Runnable recheck,
            DoubleSupplier chance) {
        Runnable requestList = () -> {
            server.invalidateList();
            recheck.run();
        };
        return new ReplicaWatch(
                client == null ? null : watcher -> watch(client.get(), watcher),
                requestList,
                () -> server.replicas().count(),
                chance);
    }

    /** Returns a watch that is never started, for a guardian without discovery. */
    public static ReplicaWatch none() {
        return new ReplicaWatch(null, () -> {}, () -> 0, () -> 0);
    }

    /** @param opener opens a watch, or throws a {@link KubernetesClientException}; null if no watch is possible */
    ReplicaWatch(
            @Nullable Function<Watcher<GenericKubernetesResource>, Watch> opener,
            Runnable requestList,
            IntSupplier replicas,
            DoubleSupplier chance) {
        this.opener = opener;
        this.requestList = requestList;
        this.replicas = replicas;
        this.chance = chance;
    }

    private static Watch watch(KubernetesClient client, Watcher<GenericKubernetesResource> watcher) {
        return client.genericKubernetesResources(SLICES)
                .inNamespace("default")
                .withLabel("kubernetes.io/service-name", "kubernetes")
                .watch(watcher);
    }

    /** Starts the thread, unless it has been started. Call this when a token is usable. */
    public synchronized void start() {
        if (!thread.isStarted()) {
            thread.start();
        }
    }

    @Override
    public List<ThreadState> threads() {
        return thread.isStarted() ? thread.threads() : List.of();
    }

    /** Does what is due, and returns how long to wait before the next turn. */
    Duration runOnce() {
        Attempt open = current;
        if (open != null) {
            return open.ended ? afterEnd(open) : UNTIL_WOKEN;
        }
        return opener == null ? poll() : watch(opener);
    }

    private Duration poll() {
        requestList.run();
        int count = replicas.getAsInt();
        if (count == 0) { // the bearer may not list them
            return pause();
        }
        failures = 0;
        return ROUND.dividedBy(count);
    }

    private Duration watch(Function<Watcher<GenericKubernetesResource>, Watch> opener) {
        Attempt attempt = new Attempt();
        try {
            attempt.watch = opener.apply(attempt);
            current = attempt;
            return UNTIL_WOKEN;
        } catch (KubernetesClientException e) {
            LOG.debugf("replica-watch=failed %s", e.getMessage());
            return afterEnd(attempt);
        }
    }

    private Duration afterEnd(Attempt attempt) {
        attempt.close();
        current = null;
        // A change may have been missed since the watch ended.
        requestList.run();
        if (attempt.hadEvent) {
            failures = 0;
            return PAUSE;
        }
        Duration pause = pause();
        if (failures == FAILURES_TO_REPORT && reported.compareAndSet(false, true)) {
            LOG.warn(
                    "replica-watch=failed The endpointslices in namespace default can't be watched: the API server does"
                            + " not answer, or the service account may not watch them (k8s/rbac/discovery allows it)."
                            + " The watch is retried at least every 5 minutes;"
                            + " until it succeeds, a change may go unnoticed for that long.");
        }
        return pause;
    }

    private Duration pause() {
        failures++;
        return Backoff.FORBIDDEN.pause(failures, chance);
    }

    @Override
    public void close() {
        thread.close();
    }

    private final class WatchLoop implements Loop {
        @Override
        public Duration runOnce() {
            return ReplicaWatch.this.runOnce();
        }

        @Override
        public void onEnd() {
            Attempt open = current;
            if (open != null) {
                open.close();
            }
        }
    }

    /** One watch. This is a class because fabric8 can't determine the type of a lambda in a native executable. */
    private final class Attempt implements Watcher<GenericKubernetesResource> {
        private volatile @Nullable Watch watch;
        private volatile boolean hadEvent;
        private volatile boolean ended;

        /** The first event arrives at once, because a watch begins with the slices that already exist. */
        @Override
        public void eventReceived(Action action, GenericKubernetesResource slice) {
            hadEvent = true;
            if (reported.compareAndSet(true, false)) {
                LOG.info("replica-watch=works The endpointslices in namespace default are watched.");
            }
            requestList.run();
        }

        @Override
        public void onClose(WatcherException cause) {
            LOG.debugf("replica-watch=ended %s", cause.getMessage());
            ended = true;
            thread.wake();
        }

        void close() {
            Watch opened = watch;
            if (opened != null) {
                opened.close();
            }
        }
    }
}
