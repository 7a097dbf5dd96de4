package io.tokenguardian.pod;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Records the writes, and responds as set by the test. */
final class FakePodApi implements PodApi {
    final List<String> written = new ArrayList<>();
    final List<Instant> times = new ArrayList<>();
    WriteResult outcome = new WriteResult.Done();

    /** Runs while the condition is being written. */
    Runnable duringWrite = () -> {};

    @Override
    public WriteResult setCondition(PodIdentity pod, PodCondition condition, Instant since) {
        times.add(since);
        written.add("condition " + condition.status() + " " + condition.reason() + ": " + condition.message());
        duringWrite.run();
        return outcome;
    }
}
