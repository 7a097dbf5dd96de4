package io.tokenguardian.apiserver;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The thread {@code replica-watch}, which watches the EndpointSlices of the service {@code kubernetes} and says when they
 * have changed. What they are then is for whoever hears it to ask.
 */
public final class ReplicaWatch implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ReplicaWatch.class);
    private static final Duration PAUSE = Duration.ofSeconds(10);
    private static final int FORBIDDEN = 403;
    private static final ResourceDefinitionContext SLICES = new ResourceDefinitionContext.Builder()
            .withGroup("discovery.k8s.io")
            .withVersion("v1")
            .withKind("EndpointSlice")
            .withPlural("endpointslices")
            .withNamespaced(true)
            .build();

    private final Supplier<KubernetesClient> client;
    private final Runnable changed;
    private final Semaphore ended = new Semaphore(0);
    private @Nullable Thread thread;

    /**
     * Starts nothing yet.
     *
     * @param client through which a token is accepted
     * @param changed called on a thread of the client's: it must return at once
     */
    public ReplicaWatch(Supplier<KubernetesClient> client, Runnable changed) {
        this.client = client;
        this.changed = changed;
    }

    /** Starts to watch, unless it has been started before. */
    public synchronized void start() {
        if (thread == null) {
            thread = new Thread(this::run, "replica-watch");
            thread.setDaemon(true);
            thread.setUncaughtExceptionHandler(
                    (failed, failure) -> LOG.error("Watching the replicas has failed, and ends", failure));
            thread.start();
        }
    }

    private void run() {
        try {
            while (watchOnce()) {
                // Whatever has changed meanwhile was not heard of.
                changed.run();
                ended.tryAcquire(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            // close() has been called.
        }
    }

    /** Watches until the watch ends; false when there is no use in another one. */
    private boolean watchOnce() throws InterruptedException {
        try (Watch watch = client.get()
                .genericKubernetesResources(SLICES)
                .inNamespace("default")
                .withLabel("kubernetes.io/service-name", "kubernetes")
                .watch(new Listener())) {
            ended.drainPermits();
            ended.acquire();
            LOG.debugf("replica-watch=ended %s", watch);
            return true;
        } catch (KubernetesClientException e) {
            LOG.debugf("replica-watch=failed %s", e.getMessage());
            return e.getCode() != FORBIDDEN;
        }
    }

    @Override
    public synchronized void close() {
        if (thread != null) {
            thread.interrupt();
        }
    }

    /** A class of its own: in a native executable fabric8 can't tell the type from a lambda (facts, tried). */
    private final class Listener implements Watcher<GenericKubernetesResource> {
        @Override
        public void eventReceived(Action action, GenericKubernetesResource slice) {
            changed.run();
        }

        @Override
        public void onClose(WatcherException cause) {
            ended.release();
        }
    }
}
