package io.tokenguardian.pod;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.concurrent.Backoff;
import io.tokenguardian.concurrent.LoopThread;
import io.tokenguardian.concurrent.ThreadState;
import io.tokenguardian.concurrent.Watched;
import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.pod.PodApi.WriteResult;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The {@code pod-report} thread, which writes the token's latest status to the pod, as a condition. The guardian does
 * not wait for it. Nothing is written before the first acceptance that {@link AcceptedBy} requires. While no token is
 * usable, a write would fail, and the condition keeps its last value. A forbidden write is retried
 * ({@link WritePermission}).
 */
public final class PodStatusWriter implements Consumer<TokenStatus>, Watched, AutoCloseable {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    /** After a write that failed otherwise than by a 403. A random part is subtracted. */
    static final Duration PAUSE = Duration.ofSeconds(10);

    /** Longer than the timeout of one call, 25 s. */
    private static final Duration LONGEST_TURN = Duration.ofMinutes(2);

    private final PodApi api;
    private final Timeline timeline;
    private final AcceptedBy acceptedBy;
    private final boolean enabled;
    private final DoubleSupplier chance;
    private final WritePermission permission;
    private final LoopThread thread;

    private volatile @Nullable TokenStatus latest;
    private @Nullable PodCondition written;
    private Instant writtenSince = Instant.MIN;
    private Instant pausedUntil = Instant.MIN;
    private boolean warnedUnbound;

    /**
     * @param client called only when something must be written
     * @param chance from 0 (inclusive) to 1 (exclusive), so that the guardians do not all retry at once
     */
    public PodStatusWriter(
            Supplier<KubernetesClient> client,
            Timeline timeline,
            AcceptedBy acceptedBy,
            boolean enabled,
            DoubleSupplier chance) {
        this(new KubernetesPodApi(client), timeline, acceptedBy, enabled, chance);
    }

    PodStatusWriter(PodApi api, Timeline timeline, AcceptedBy acceptedBy, boolean enabled, DoubleSupplier chance) {
        this.api = api;
        this.timeline = timeline;
        this.acceptedBy = acceptedBy;
        this.enabled = enabled;
        this.chance = chance;
        this.permission = new WritePermission(chance);
        this.thread = new LoopThread("pod-report", LONGEST_TURN, this::turn);
    }

    /** Call this only once. Does nothing if the setting is off. */
    public void start() {
        if (enabled) {
            thread.start();
        }
    }

    /** Runs one turn, and returns the time until the next. */
    Duration turn() {
        Instant next = runOnce();
        return Duration.between(timeline.instant(), next);
    }

    @Override
    public void accept(TokenStatus tokenStatus) {
        latest = tokenStatus;
        thread.wake();
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

    /**
     * Writes the condition if it is due, and waits for the response. Returns the next due time; a new status is due at
     * once.
     */
    Instant runOnce() {
        TokenStatus tokenStatus = latest;
        Instant now = timeline.instant();
        if (tokenStatus == null
                || !acceptedBy.wasMet(tokenStatus)
                || !tokenStatus.isUsable()
                || !tokenStatus.isJudged()) {
            return Instant.MAX;
        }
        if (now.isBefore(pausedUntil)) {
            return pausedUntil;
        }
        Optional<PodIdentity> pod = PodIdentity.of(tokenStatus);
        if (pod.isEmpty()) {
            warnUnbound();
            return Instant.MAX;
        }
        PodCondition condition = PodCondition.of(tokenStatus, acceptedBy);
        if (condition.equals(written)) {
            return Instant.MAX;
        }
        if (permission.isDue(now) && !tryWrite(pod.get(), condition, tokenStatus.at())) {
            pausedUntil = timeline.instant().plus(Backoff.shortened(PAUSE, chance));
            return pausedUntil;
        }
        return permission.retryAt();
    }

    /** Returns false if the write must be retried after a pause. */
    private boolean tryWrite(PodIdentity pod, PodCondition condition, Instant changedAt) {
        boolean sameStatus = written != null && written.isTrue() == condition.isTrue();
        Instant since = sameStatus ? writtenSince : changedAt;
        WriteResult outcome = api.setCondition(pod, condition, timeline.onNodeClock(since));
        if (outcome instanceof WriteResult.Failed failed) {
            LOG.debugf("pod-condition=failed %s", failed.reason());
            return false;
        }
        permission.onOutcome(outcome, timeline.instant());
        if (!(outcome instanceof WriteResult.Denied)) {
            written = condition;
            writtenSince = since;
        }
        return true;
    }

    private void warnUnbound() {
        if (!warnedUnbound) {
            warnedUnbound = true;
            LOG.warn("pod-condition=none The token is not bound to a pod, so no condition is written.");
        }
    }
}
