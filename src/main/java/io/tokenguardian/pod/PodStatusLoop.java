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
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/** The {@code pod-report} thread, which writes the token's status to the pod. The guardian does not wait for it. */
public final class PodStatusLoop implements Consumer<TokenStatus>, Watched, AutoCloseable {
    /** Longer than the timeouts in one turn: one call for the condition and two for each of 16 events, 25 s each. */
    private static final Duration LONGEST_TURN = Duration.ofMinutes(15);

    private final PodStatusWriter writer;
    private final Timeline timeline;
    private final boolean enabled;
    private final LoopThread thread;

    /**
     * @param client called only when something must be written
     * @param chance from 0 (inclusive) to 1 (exclusive), so that the guardians do not all retry at once
     */
    public PodStatusLoop(
            Supplier<KubernetesClient> client,
            Timeline timeline,
            AcceptedBy acceptedBy,
            boolean withCondition,
            boolean withEvents,
            DoubleSupplier chance) {
        this.timeline = timeline;
        this.enabled = withCondition || withEvents;
        this.writer = new PodStatusWriter(
                new KubernetesPodApi(client), timeline, acceptedBy, withCondition, withEvents, chance);
        this.thread = new LoopThread("pod-report", LONGEST_TURN, this::runOnce);
    }

    /** Call this only once. Does nothing if both settings are off. */
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

    /** May be called from any thread. */
    public void acceptCaller(String userAgent, String text) {
        if (enabled) {
            writer.accept(PodEvent.staleCaller(userAgent, text, timeline.instant()));
            thread.wake();
        }
    }

    /** May be called from any thread. */
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
