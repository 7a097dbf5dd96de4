package io.tokenguardian.pod;

import io.tokenguardian.clock.Instants;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.pod.PodApi.WriteResult;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Writes the token's status to the pod, as a condition with the latest status and as events. Nothing is written while
 * the replicas that {@link AcceptedBy} names accept no token, because a write would fail: the condition keeps its last
 * value, and the events are written afterwards. A forbidden write is retried ({@link WritePermission}), without
 * delaying others.
 */
final class PodStatusWriter {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    static final Duration PAUSE = Duration.ofSeconds(10);

    private final PodApi api;
    private final Timeline timeline;
    private final AcceptedBy acceptedBy;
    private final boolean withCondition;
    private final boolean withEvents;
    private final PendingEvents events = new PendingEvents();
    private final WritePermission conditionPermission;
    private final WritePermission eventsPermission;

    private @Nullable TokenStatus latest;
    private @Nullable PodCondition written;
    private Instant writtenSince = Instant.MIN;
    private Instant pausedUntil = Instant.MIN;
    private boolean warnedUnbound;

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
        this.conditionPermission =
                new WritePermission("pod-condition", "patch pods/status", "k8s/rbac/pod-condition", chance);
        this.eventsPermission = new WritePermission("events", "create events", "k8s/rbac/events", chance);
    }

    /** Returns at once. May be called from any thread. */
    synchronized void accept(TokenStatus tokenStatus) {
        latest = tokenStatus;
        if (withEvents) {
            events.accept(tokenStatus);
        }
    }

    /** Takes an event about the proxy. May be called from any thread. */
    synchronized void accept(PodEvent event) {
        if (withEvents) {
            events.append(event);
        }
    }

    /** Writes what is due, and waits for the responses. Returns the next due time; a new status is due at once. */
    Instant runOnce() {
        TokenStatus tokenStatus = addOverdueAndGetLatest();
        Instant now = timeline.instant();
        if (tokenStatus == null || !acceptedBy.isMet(tokenStatus) || !tokenStatus.isJudged()) {
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
            pausedUntil = timeline.instant().plus(PAUSE);
            return pausedUntil;
        }
        return Instants.earlier(conditionDueAt(tokenStatus), eventsDueAt(tokenStatus));
    }

    private Instant conditionDueAt(TokenStatus tokenStatus) {
        return isConditionWritten(PodCondition.of(tokenStatus)) ? Instant.MAX : conditionPermission.retryAt();
    }

    private Instant eventsDueAt(TokenStatus tokenStatus) {
        if (!withEvents) {
            return Instant.MAX;
        }
        Instant tick = nextTick(tokenStatus);
        return nextEvent() == null ? tick : Instants.earlier(tick, eventsPermission.retryAt());
    }

    private synchronized @Nullable TokenStatus addOverdueAndGetLatest() {
        if (withEvents && latest != null) {
            events.addOverdue(latest, timeline.instant());
        }
        return latest;
    }

    private synchronized Instant nextTick(TokenStatus tokenStatus) {
        return events.nextOverdueCheck(tokenStatus);
    }

    private synchronized @Nullable PodEvent nextEvent() {
        return events.next();
    }

    private synchronized void markWritten(PodEvent event) {
        events.markWritten(event);
    }

    /** Returns false if the write must be retried. */
    private boolean tryWriteCondition(PodIdentity pod, TokenStatus tokenStatus, Instant now) {
        PodCondition condition = PodCondition.of(tokenStatus);
        if (isConditionWritten(condition) || !conditionPermission.isDue(now)) {
            return true;
        }
        Instant since = written == null ? tokenStatus.at() : writtenSince;
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
        for (PodEvent event = nextEvent(); event != null; event = nextEvent()) {
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
                markWritten(event);
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
