package io.tokenguardian.gate;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.Alarm;
import io.tokenguardian.guardian.Situation;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * The thread {@code pod-report}, which tells on the pod what becomes of its token. The guardian's own thread only hands
 * situations over, and never waits for it.
 */
public final class PodReporter implements Consumer<Situation>, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(PodReporter.class);

    private final PodReport report;
    private final Timeline timeline;
    private final Alarm alarm = new Alarm();
    private final boolean on;
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
        this.on = withCondition || withEvents;
        this.report = new PodReport(new KubernetesPodApi(client), timeline, withCondition, withEvents);
        this.thread = new Thread(this::run, "pod-report");
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler(
                (failed, failure) -> LOG.error("Telling on the pod has failed, and ends", failure));
    }

    /** Starts the thread, once; with nothing to tell there is none. */
    public void start() {
        if (on) {
            thread.start();
        }
    }

    @Override
    public void accept(Situation situation) {
        if (!on) {
            return;
        }
        report.accept(situation);
        alarm.wake();
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                alarm.await(report.turn(), timeline.instant());
            }
        } catch (InterruptedException e) {
            // close() has been called.
        }
    }

    /** Ends the thread; what is being written is given up. */
    @Override
    public void close() {
        thread.interrupt();
    }
}
