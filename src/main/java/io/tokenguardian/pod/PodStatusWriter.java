package io.tokenguardian.pod;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.tokenguardian.clock.Instants;
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
 * The {@code pod-report} thread, which writes the token's status to the pod, as a condition with the latest status and
 * as events. The guardian does not wait for it. Nothing is written before the first acceptance that {@link AcceptedBy}
 * requires. While no token is usable, a write would fail: the condition keeps its last value, and the events are
 * written afterwards. A forbidden write is retried ({@link WritePermission}), without delaying others.
 */
public final class PodStatusWriter implements Consumer<TokenStatus>, Watched, AutoCloseable {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    /** After a write that failed otherwise than by a 403. A random part is subtracted. */
    static final Duration PAUSE = Duration.ofSeconds(10);

    /** Longer than the timeouts in one turn: one call for the condition and two for each of 16 events, 25 s each. */
    private static final Duration LONGEST_TURN = Duration.ofMinutes(15);

    private final PodApi api;
    private final Timeline timeline;
    private final AcceptedBy acceptedBy;
    private final boolean withCondition;
    private final boolean withEvents;
    private final DoubleSupplier chance;
    private final PendingEvents events = new PendingEvents();
    private final WritePermission conditionPermission;
    private final WritePermission eventsPermission;
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
            boolean withCondition,
            boolean withEvents,
            DoubleSupplier chance) {
        this(new KubernetesPodApi(client), timeline, acceptedBy, withCondition, withEvents, chance);
    }

    PodStatusWriter(
            PodApi api,
            Timeline timeline,
            AcceptedBy acceptedBy,
            boolean withCondition,
            boolean withEvents,
            DoubleSupplier chance) {
        this.api = api;
        this.timeline = timeline;
        this.acceptedBy = acceptedBy;
        this.withCondition = withCondition;
        this.withEvents = withEvents;
        this.chance = chance;
        this.conditionPermission =
                new WritePermission("pod-condition", "patch pods/status", "k8s/rbac/pod-condition", chance);
        this.eventsPermission = new WritePermission("events", "create events", "k8s/rbac/events", chance);
        this.thread = new LoopThread("pod-report", LONGEST_TURN, this::turn);
    }

    /** Call this only once. Does nothing if both settings are off. */
    public void start() {
        if (isEnabled()) {
            thread.start();
        }
    }

    /** Runs one turn, and returns the time until the next. */
    Duration turn() {
        Instant next = runOnce();
        return Duration.between(timeline.instant(), next);
    }

    private boolean isEnabled() {
        return withCondition || withEvents;
    }

    /** Takes each new token status, so that the event about a not-yet-valid token states the latest clock estimate. */
    @Override
    public void accept(TokenStatus tokenStatus) {
        latest = tokenStatus;
        if (withEvents) {
            events.accept(tokenStatus);
        }
        thread.wake();
    }

    /** May be called from any thread. */
    public void acceptCaller(String userAgent, String text) {
        accept(PodEvent.staleCaller(userAgent, text, timeline.instant()));
    }

    /** May be called from any thread. */
    public void acceptReceipt(String sentence) {
        accept(new PodEvent(PodEvent.Reason.RECEIPT, "proxy", sentence, timeline.instant()));
    }

    void accept(PodEvent event) {
        if (withEvents) {
            events.append(event);
        }
        thread.wake();
    }

    @Override
    public List<ThreadState> threads() {
        return isEnabled() ? thread.threads() : List.of();
    }

    /** Ends the thread, and aborts a write in progress. */
    @Override
    public void close() {
        thread.close();
    }

    /** Writes what is due, and waits for the responses. Returns the next due time; a new status is due at once. */
    Instant runOnce() {
        TokenStatus tokenStatus = latest;
        Instant now = timeline.instant();
        if (withEvents && tokenStatus != null) {
            events.addOverdue(tokenStatus, now);
        }
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
        boolean done = tryWriteCondition(pod.get(), tokenStatus, now) && tryWriteEvents(pod.get());
        if (!done) {
            pausedUntil = timeline.instant().plus(Backoff.shortened(PAUSE, chance));
            return pausedUntil;
        }
        return Instants.earlier(conditionDueAt(tokenStatus), eventsDueAt(tokenStatus));
    }

    private Instant conditionDueAt(TokenStatus tokenStatus) {
        return isConditionWritten(PodCondition.of(tokenStatus, acceptedBy))
                ? Instant.MAX
                : conditionPermission.retryAt();
    }

    private Instant eventsDueAt(TokenStatus tokenStatus) {
        if (!withEvents) {
            return Instant.MAX;
        }
        Instant tick = events.nextOverdueCheck(tokenStatus);
        return events.next() == null ? tick : Instants.earlier(tick, eventsPermission.retryAt());
    }

    /** Returns false if the write must be retried. */
    private boolean tryWriteCondition(PodIdentity pod, TokenStatus tokenStatus, Instant now) {
        PodCondition condition = PodCondition.of(tokenStatus, acceptedBy);
        if (isConditionWritten(condition) || !conditionPermission.isDue(now)) {
            return true;
        }
        boolean sameStatus = written != null && written.isTrue() == condition.isTrue();
        Instant since = sameStatus ? writtenSince : tokenStatus.at();
        WriteResult outcome = api.setCondition(pod, condition, timeline.onNodeClock(since));
        if (outcome instanceof WriteResult.Failed failed) {
            LOG.debugf("pod-condition=failed %s", failed.reason());
            return false;
        }
        conditionPermission.onOutcome(outcome, pod, timeline.instant());
        if (!(outcome instanceof WriteResult.Denied)) {
            written = condition;
            writtenSince = since;
        }
        return true;
    }

    private boolean isConditionWritten(PodCondition condition) {
        return !withCondition || condition.equals(written);
    }

    private boolean tryWriteEvents(PodIdentity pod) {
        for (PodEvent event = events.next(); event != null; event = events.next()) {
            if (!eventsPermission.isDue(timeline.instant())) {
                return true;
            }
            WriteResult outcome = api.createEvent(pod, event, timeline.onNodeClock(event.at()));
            if (outcome instanceof WriteResult.Failed failed) {
                LOG.debugf("events=failed %s", failed.reason());
                return false;
            }
            eventsPermission.onOutcome(outcome, pod, timeline.instant());
            if (!(outcome instanceof WriteResult.Denied)) {
                events.markWritten(event);
            }
        }
        return true;
    }

    private void warnUnbound() {
        if (!warnedUnbound) {
            warnedUnbound = true;
            LOG.warn("pod-condition=none The token is not bound to a pod, so no condition and no events are written.");
        }
    }
}
