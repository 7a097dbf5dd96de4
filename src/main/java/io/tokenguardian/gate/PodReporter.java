package io.tokenguardian.gate;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.Situation;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * The thread {@code pod-report}, which tells on the pod what becomes of its token. The guardian's own thread only hands
 * situations over, and never waits for it.
 */
public final class PodReporter implements Consumer<Situation>, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(PodReporter.class);
    private static final Duration LONGEST_WAIT = Duration.ofHours(1);

    private final PodReport report;
    private final Timeline timeline;
    private final Semaphore woken = new Semaphore(0);
    private final Thread thread;

    /**
     * Starts nothing yet.
     *
     * @param client asked for only when there is something to write
     * @param withCondition {@code guardian.kubernetes.pod-condition}
     * @param withEvents {@code guardian.kubernetes.events}
     */
    public PodReporter(
            Supplier<KubernetesClient> client, Timeline timeline, boolean withCondition, boolean withEvents) {
        this.timeline = timeline;
        this.report = new PodReport(new KubernetesPodApi(client), timeline, withCondition, withEvents);
        this.thread = new Thread(this::run, "pod-report");
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler(
                (failed, failure) -> LOG.error("Telling on the pod has failed, and ends", failure));
    }

    public void start() {
        thread.start();
    }

    @Override
    public void accept(Situation situation) {
        report.accept(situation);
        woken.release();
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                await(report.turn());
            }
        } catch (InterruptedException e) {
            // close() has been called.
        }
    }

    private void await(Instant next) throws InterruptedException {
        Instant now = timeline.instant();
        Duration wait = next.isAfter(now.plus(LONGEST_WAIT)) ? LONGEST_WAIT : Duration.between(now, next);
        woken.tryAcquire(wait.toNanos(), TimeUnit.NANOSECONDS);
        woken.drainPermits();
    }

    /** Ends the thread; what is being written is given up. */
    @Override
    public void close() {
        thread.interrupt();
    }
}
