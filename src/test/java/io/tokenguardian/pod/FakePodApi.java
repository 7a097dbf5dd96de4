package io.tokenguardian.pod;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Records the writes, and responds as set by the test. */
final class FakePodApi implements PodApi {
    final List<String> written = new ArrayList<>();
    final List<Instant> times = new ArrayList<>();
    Outcome outcome = new Outcome.Done("event-1");

    /** The outcome of writing the condition; null if it is the same as for other writes. */
    @Nullable
    Outcome conditionOutcome;

    /** Runs while an event is being written. */
    Runnable duringEvent = () -> {};

    @Override
    public Outcome setCondition(PodIdentity pod, PodCondition condition, Instant since) {
        times.add(since);
        written.add("condition " + PodCondition.STATUS + " " + condition.reason() + ": " + condition.message());
        return conditionOutcome == null ? outcome : conditionOutcome;
    }

    @Override
    public Outcome createEvent(PodIdentity pod, PodEvent event, Instant at) {
        times.add(at);
        written.add(event.reason().type() + " " + event.reason().word() + ": " + event.message());
        duringEvent.run();
        return outcome;
    }

    @Override
    public Outcome increaseCount(PodIdentity pod, String name, PodEvent event, int count, Instant at) {
        times.add(at);
        written.add(event.reason().word() + " x" + count + " of " + name);
        return outcome;
    }
}
