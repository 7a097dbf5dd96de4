package io.tokenguardian.guardian;

import io.tokenguardian.clock.SimulatedTime;
import java.time.Duration;
import java.time.Instant;
import java.util.function.DoubleSupplier;

/** The turns of a guardian as events of simulated time, instead of on a thread. */
public final class SimulatedLoop extends GuardianLoop {
    /** As the thread's longest wait. */
    private static final Duration LONGEST_WAIT = Duration.ofHours(1);

    /** More turns at one time than any rule causes. */
    private static final int TIGHT_LOOP = 1_000;

    private final SimulatedTime time;
    private Instant due = Instant.MAX;
    private Instant lastTurn = Instant.MIN;
    private int turns;

    public SimulatedLoop(Guardian guardian, SimulatedTime time, DoubleSupplier chance) {
        super(guardian, time.timeline(), chance);
        this.time = time;
    }

    @Override
    public void wake() {
        turnAt(time.now());
    }

    private void turnAt(Instant at) {
        if (at.isBefore(due)) {
            due = at;
            time.at(at, () -> turn(at));
        }
    }

    private void turn(Instant at) {
        if (!at.equals(due)) {
            return; // an earlier turn has taken its place
        }
        turns = at.equals(lastTurn) ? turns + 1 : 0;
        if (turns > TIGHT_LOOP) {
            throw new IllegalStateException("the guardian's turns have no end");
        }
        lastTurn = at;
        due = Instant.MAX;
        Duration pause = runOnce();
        turnAt(at.plus(pause.isNegative() ? Duration.ZERO : pause.compareTo(LONGEST_WAIT) < 0 ? pause : LONGEST_WAIT));
    }
}
