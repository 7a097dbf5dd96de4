package io.tokenguardian.gate;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.concurrent.LoopThread;
import io.tokenguardian.concurrent.ThreadState;
import io.tokenguardian.concurrent.Watched;
import io.tokenguardian.guardian.Situation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * The thread {@code pod-report}, which tells on the pod what becomes of its token. The guardian's own thread only hands
 * situations over, and never waits for it.
 */
public final class PodReporter implements Consumer<Situation>, Watched, AutoCloseable {
    /** Well above what the timeouts of one turn add up to: a condition and as many events as are kept, 25 s each. */
    private static final Duration LONGEST_TURN = Duration.ofMinutes(10);

    private final PodReport report;
    private final Timeline timeline;
    private final boolean on;
    private final LoopThread thread;

    /**
     * Starts nothing yet.
     *
     * @param client asked for only when there is something to write
     * @param withCondition {@code guardian.kubernetes.pod-condition}
     * @param withEvents {@code guardian.kubernetes.events}
     * @param chance from 0 (inclusive) to 1 (exclusive), for pauses that should not be in step with other guardians'
     */
    public PodReporter(
            Supplier<KubernetesClient> client,
            Timeline timeline,
            boolean withCondition,
            boolean withEvents,
            DoubleSupplier chance) {
        this.timeline = timeline;
        this.on = withCondition || withEvents;
        this.report = new PodReport(new KubernetesPodApi(client), timeline, withCondition, withEvents, chance);
        this.thread = new LoopThread("pod-report", LONGEST_TURN, this::turn);
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
        thread.wake();
    }

    private Duration turn() {
        Instant next = report.turn();
        return Duration.between(timeline.instant(), next);
    }

    @Override
    public List<ThreadState> threads() {
        return on ? thread.threads() : List.of();
    }

    /** Ends the thread; what is being written is given up. */
    @Override
    public void close() {
        thread.close();
    }
}
