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
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The thread {@code replica-watch}, which watches the EndpointSlices of the service {@code kubernetes} and says when they
 * have changed. What they are then is for whoever hears it to ask.
 *
 * <p>Who may not list the slices may not watch them: until they have been listed, this thread only has them asked for again,
 * after growing pauses. A watch that ends without an event grows the pause too: the client does not say why it ended.
 */
public final class ReplicaWatch implements Watched, AutoCloseable {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    /** After a watch that has ended as all do. */
    static final Duration PAUSE = Duration.ofSeconds(10);

    /** While the watch is open, only its end is waited for. */
    static final Duration UNTIL_WOKEN = Duration.ofDays(1);

    /** So many in a row, over half a minute, are more than an API server that restarts. */
    static final int FAILURES_TO_REPORT = 3;

    /** Opening a watch waits for no answer. */
    private static final Duration LONGEST_TURN = Duration.ofMinutes(2);

    private static final ResourceDefinitionContext SLICES = new ResourceDefinitionContext.Builder()
            .withGroup("discovery.k8s.io")
            .withVersion("v1")
            .withKind("EndpointSlice")
            .withPlural("endpointslices")
            .withNamespaced(true)
            .build();

    private final Function<Watcher<GenericKubernetesResource>, Watch> watching;
    private final BooleanSupplier listed;
    private final Runnable changed;
    private final DoubleSupplier chance;
    private final LoopThread thread = new LoopThread("replica-watch", LONGEST_TURN, new Watches());
    private final AtomicBoolean reported = new AtomicBoolean();

    private @Nullable Attempt current;
    private int failures;
    private volatile boolean waitsForList;

    /**
     * Starts nothing yet.
     *
     * @param client through which a token is accepted
     * @param listed whether the slices could be listed when that was tried last
     * @param changed has the slices listed; called on this thread or one of the client's: it must return at once
     * @param chance from 0 (inclusive) to 1 (exclusive), for pauses that should not be in step with other guardians'
     */
    public ReplicaWatch(
            Supplier<KubernetesClient> client, BooleanSupplier listed, Runnable changed, DoubleSupplier chance) {
        this(
                watcher -> client.get()
                        .genericKubernetesResources(SLICES)
                        .inNamespace("default")
                        .withLabel("kubernetes.io/service-name", "kubernetes")
                        .watch(watcher),
                listed,
                changed,
                chance);
    }

    /** @param watching opens a watch for a watcher, or throws a {@link KubernetesClientException} */
    ReplicaWatch(
            Function<Watcher<GenericKubernetesResource>, Watch> watching,
            BooleanSupplier listed,
            Runnable changed,
            DoubleSupplier chance) {
        this.watching = watching;
        this.listed = listed;
        this.changed = changed;
        this.chance = chance;
    }

    /** Starts the thread, unless it has been started before; to be called once a token is accepted. */
    public synchronized void start() {
        if (!thread.isStarted()) {
            thread.start();
        }
    }

    /** Says that the slices have just been listed. */
    public void onListed() {
        if (waitsForList) {
            thread.wake();
        }
    }

    @Override
    public List<ThreadState> threads() {
        return thread.isStarted() ? thread.threads() : List.of();
    }

    boolean waitsForList() {
        return waitsForList;
    }

    /** Does what is due, and returns how long to wait then. */
    Duration turn() {
        Attempt open = current;
        if (open != null) {
            return open.ended ? afterEnd(open) : UNTIL_WOKEN;
        }
        if (!listed.getAsBoolean()) {
            waitsForList = true;
            return askForList();
        }
        failures = waitsForList ? 0 : failures;
        waitsForList = false;
        return watch();
    }

    /** The first time it has just been asked for, by whom the token was accepted. */
    private Duration askForList() {
        if (failures > 0) {
            changed.run();
        }
        return pause();
    }

    private Duration watch() {
        Attempt attempt = new Attempt();
        try {
            attempt.watch = watching.apply(attempt);
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
        // Whatever has changed meanwhile was not heard of.
        changed.run();
        if (attempt.heard) {
            failures = 0;
            return PAUSE;
        }
        Duration pause = pause();
        if (failures == FAILURES_TO_REPORT && reported.compareAndSet(false, true)) {
            LOG.warn(
                    "replica-watch=failed The endpointslices in namespace default can't be watched: the API server does"
                            + " not answer, or the service account may not, which k8s/rbac/discovery allows. It is tried again at"
                            + " least every 5 minutes; until then changes are found as late as that.");
        }
        return pause;
    }

    private Duration pause() {
        failures++;
        return Backoff.FORBIDDEN.pause(failures, chance);
    }

    /** Ends the thread. */
    @Override
    public void close() {
        thread.close();
    }

    private final class Watches implements Loop {
        @Override
        public Duration turn() {
            return ReplicaWatch.this.turn();
        }

        @Override
        public void end() {
            Attempt open = current;
            if (open != null) {
                open.close();
            }
        }
    }

    /** One watch. A class of its own: in a native executable fabric8 can't tell the type from a lambda. */
    private final class Attempt implements Watcher<GenericKubernetesResource> {
        private volatile @Nullable Watch watch;
        private volatile boolean heard;
        private volatile boolean ended;

        /** The first event comes at once: a watch begins with what is there. */
        @Override
        public void eventReceived(Action action, GenericKubernetesResource slice) {
            heard = true;
            if (reported.compareAndSet(true, false)) {
                LOG.info("replica-watch=works The endpointslices in namespace default are watched.");
            }
            changed.run();
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
