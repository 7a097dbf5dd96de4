package io.tokenguardian.pod;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.concurrent.LoopThread;
import io.tokenguardian.concurrent.ThreadState;
import io.tokenguardian.concurrent.Watched;
import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.guardian.TokenStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * The {@code pod-report} thread, which writes the status of the pod's token to the pod. The guardian's own thread
 * passes the statuses on to this thread without waiting for it.
 */
public final class PodStatusLoop implements Consumer<TokenStatus>, Watched, AutoCloseable {
    /**
     * A turn longer than this is reported as a fault. This is more than the sum of the timeouts in one turn: one call
     * for the condition and two for each of 16 events, at 25 s per call.
     */
    private static final Duration LONGEST_TURN = Duration.ofMinutes(15);

    private final PodStatusWriter writer;
    private final Timeline timeline;
    private final boolean enabled;
    private final LoopThread thread;

    /**
     * Creates the thread without starting it.
     *
     * @param client supplies the client; called only when something must be written
     * @param acceptedBy {@code guardian.readiness.accepted-by}
     * @param withCondition {@code guardian.kubernetes.pod-condition}
     * @param withEvents {@code guardian.kubernetes.events}
     * @param clocksOff {@code StatusLog.clocksOff}; the {@code StatusLog} must get each status before this object does
     * @param chance returns a random number from 0 (inclusive) to 1 (exclusive), so that the guardians do not all retry
     *     at once
     */
    public PodStatusLoop(
            Supplier<KubernetesClient> client,
            Timeline timeline,
            AcceptedBy acceptedBy,
            boolean withCondition,
            boolean withEvents,
            Supplier<Set<String>> clocksOff,
            DoubleSupplier chance) {
        this.timeline = timeline;
        this.enabled = withCondition || withEvents;
        this.writer = new PodStatusWriter(
                new KubernetesPodApi(client), timeline, acceptedBy, withCondition, withEvents, clocksOff, chance);
        this.thread = new LoopThread("pod-report", LONGEST_TURN, this::runOnce);
    }

    /** Starts the thread. Call this only once. Does nothing if both settings are off. */
    public void start() {
        if (enabled) {
            thread.start();
        }
    }

    /** Takes each new token status, so that the event about a not-yet-valid token states the latest clock estimate. */
    @Override
    public void accept(TokenStatus tokenStatus) {
        if (!enabled) {
            return;
        }
        writer.accept(tokenStatus);
        thread.wake();
    }

    /** Takes the report, for an event, of a caller that sends an old token. May be called from any thread. */
    public void acceptCaller(String userAgent, String text) {
        if (enabled) {
            writer.accept(PodEvent.staleCaller(userAgent, text, timeline.instant()));
            thread.wake();
        }
    }

    /**
     * Takes the sentence, for an event, that states how many requests the proxy has saved. May be called from any
     * thread.
     */
    public void acceptReceipt(String sentence) {
        if (enabled) {
            writer.accept(PodEvent.receipt(sentence, timeline.instant()));
            thread.wake();
        }
    }

    private Duration runOnce() {
        Instant next = writer.runOnce();
        return Duration.between(timeline.instant(), next);
    }

    @Override
    public List<ThreadState> threads() {
        return enabled ? thread.threads() : List.of();
    }

    /** Ends the thread, and aborts a write in progress. */
    @Override
    public void close() {
        thread.close();
    }
}
