package io.tokenguardian.pod;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Records the writes, and responds as set by the test. */
final class FakePodApi implements PodApi {
    final List<String> written = new ArrayList<>();
    final List<Instant> times = new ArrayList<>();
    WriteResult outcome = new WriteResult.Done();

    /** The outcome of writing the condition; null if it is the same as for other writes. */
    @Nullable
    WriteResult conditionOutcome;

    /** Runs while an event is being written. */
    Runnable duringEvent = () -> {};

    @Override
    public WriteResult setCondition(PodIdentity pod, PodCondition condition, Instant since) {
        times.add(since);
        written.add("condition " + condition.status() + " " + condition.reason() + ": " + condition.message());
        return conditionOutcome == null ? outcome : conditionOutcome;
    }

    @Override
    public WriteResult createEvent(PodIdentity pod, PodEvent event, Instant at) {
        times.add(at);
        written.add(event.reason().type() + " " + event.reason().word() + ": " + event.message());
        duringEvent.run();
        return outcome;
    }
}
