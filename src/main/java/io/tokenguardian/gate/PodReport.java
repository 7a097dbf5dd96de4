package io.tokenguardian.gate;

import io.tokenguardian.clock.Timeline;
import io.tokenguardian.gate.PodApi.Outcome;
import io.tokenguardian.guardian.Situation;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What is told of the pod's token on the pod itself: a condition, which is always the latest, and events.
 *
 * <p>{@link #accept} may be called by any thread and returns at once. {@link #turn()} does what is due, which may take as
 * long as the API server does, and says when to come again. Nothing is written while no token is accepted, since nobody
 * would take it: the events of that time are told afterwards, and the condition has its last value until then. What the
 * service account may not write is tried again ({@link WritePermission}), and holds up nothing else.
 */
final class PodReport {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    /** After an attempt that failed. */
    static final Duration PAUSE = Duration.ofSeconds(10);

    /** Of how many events it is known that they were told before. */
    private static final int MOST_TOLD = 64;

    private record Told(String name, int count) {}

    private final PodApi api;
    private final Timeline timeline;
    private final boolean withCondition;
    private final boolean withEvents;
    private final EventLog events = new EventLog();
    private final Map<String, Told> told = new LinkedHashMap<>();
    private final WritePermission conditionPermission;
    private final WritePermission eventsPermission;

    private @Nullable Situation latest;
    private @Nullable PodCondition written;
    private Instant writtenSince = Instant.MIN;
    private Instant notBefore = Instant.MIN;
    private boolean warnedOfPod;

    /** @param chance from 0 (inclusive) to 1 (exclusive), for the pauses after a refusal */
    PodReport(PodApi api, Timeline timeline, boolean withCondition, boolean withEvents, DoubleSupplier chance) {
        this.api = api;
        this.timeline = timeline;
        this.withCondition = withCondition;
        this.withEvents = withEvents;
        this.conditionPermission =
                new WritePermission("pod-condition", "patch pods/status", "k8s/rbac/pod-condition", chance);
        this.eventsPermission = new WritePermission("events", "create and patch events", "k8s/rbac/events", chance);
    }

    /** Takes a new situation; from any thread. */
    synchronized void accept(Situation situation) {
        // Pending lasts for a few answers: what comes of them is the news.
        if (situation.verdict() instanceof Verdict.Pending) {
            return;
        }
        latest = situation;
        if (withEvents) {
            events.accept(situation);
        }
    }

    /** Writes what is due, and returns when to come again; a new situation makes it due at once. */
    Instant turn() {
        Situation situation = situation();
        Instant now = timeline.instant();
        if (situation == null || !situation.isAccepted()) {
            return Instant.MAX;
        }
        if (now.isBefore(notBefore)) {
            return notBefore;
        }
        Optional<PodIdentity> pod = PodIdentity.of(situation);
        if (pod.isEmpty()) {
            warnOfPod();
            return Instant.MAX;
        }
        boolean done = writeCondition(pod.get(), situation, now) && writeEvents(pod.get());
        if (!done) {
            notBefore = timeline.instant().plus(PAUSE);
            return notBefore;
        }
        return sooner(nextCondition(situation), nextEvents(situation));
    }

    private Instant nextCondition(Situation situation) {
        return isConditionWritten(PodCondition.of(situation, timeline.instant()))
                ? Instant.MAX
                : conditionPermission.retryAt();
    }

    private Instant nextEvents(Situation situation) {
        if (!withEvents) {
            return Instant.MAX;
        }
        Instant tick = nextTick(situation);
        return nextEvent() == null ? tick : sooner(tick, eventsPermission.retryAt());
    }

    private static Instant sooner(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private synchronized @Nullable Situation situation() {
        if (withEvents && latest != null) {
            events.tick(latest, timeline.instant());
        }
        return latest;
    }

    private synchronized Instant nextTick(Situation situation) {
        return events.nextTick(situation);
    }

    private synchronized @Nullable PodEvent nextEvent() {
        return events.next();
    }

    private synchronized void told(PodEvent event) {
        events.told(event);
    }

    /** False when it is to be tried again. */
    private boolean writeCondition(PodIdentity pod, Situation situation, Instant now) {
        PodCondition condition = PodCondition.of(situation, now);
        if (isConditionWritten(condition) || !conditionPermission.isDue(now)) {
            return true;
        }
        boolean changed = written == null || written.accepted() != condition.accepted();
        Instant since = changed ? situation.at() : writtenSince;
        Outcome outcome = api.patch(pod, condition, timeline.onNodeClock(since));
        if (outcome instanceof Outcome.Failed failed) {
            LOG.debugf("pod-condition=failed %s", failed.reason());
            return false;
        }
        conditionPermission.take(outcome, pod, timeline.instant());
        if (!(outcome instanceof Outcome.Forbidden)) {
            written = condition;
            writtenSince = since;
        }
        return true;
    }

    private boolean isConditionWritten(PodCondition condition) {
        return !withCondition || condition.equals(written);
    }

    private boolean writeEvents(PodIdentity pod) {
        for (PodEvent event = nextEvent(); event != null; event = nextEvent()) {
            if (!eventsPermission.isDue(timeline.instant())) {
                return true;
            }
            Outcome outcome = write(pod, event);
            if (outcome instanceof Outcome.Failed failed) {
                LOG.debugf("events=failed %s", failed.reason());
                return false;
            }
            eventsPermission.take(outcome, pod, timeline.instant());
            if (!(outcome instanceof Outcome.Forbidden)) {
                told(event);
            }
        }
        return true;
    }

    /** An event that was told before gets another count; one that the API server has forgotten is told anew. */
    private Outcome write(PodIdentity pod, PodEvent event) {
        String key = event.reason() + " " + event.subject();
        Told before = told.get(key);
        Instant at = timeline.onNodeClock(event.at());
        if (before != null) {
            Outcome outcome = api.repeat(pod, before.name(), event, before.count() + 1, at);
            if (!(outcome instanceof Outcome.Gone)) {
                remember(key, outcome, before.count() + 1);
                return outcome;
            }
        }
        Outcome outcome = api.create(pod, event, at);
        remember(key, outcome, 1);
        return outcome;
    }

    private void remember(String key, Outcome outcome, int count) {
        if (outcome instanceof Outcome.Done done) {
            told.put(key, new Told(done.name(), count));
            if (told.size() > MOST_TOLD) {
                told.remove(told.keySet().iterator().next());
            }
        }
    }

    private void warnOfPod() {
        if (!warnedOfPod) {
            warnedOfPod = true;
            LOG.warn("pod-condition=none The token is bound to no pod, so nothing is told on one.");
        }
    }
}
