package io.tokenguardian.guardian;

import io.tokenguardian.concurrent.Loop;
import io.tokenguardian.concurrent.LoopThread;
import io.tokenguardian.concurrent.ThreadState;
import io.tokenguardian.concurrent.Watched;
import io.tokenguardian.replica.Answer;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.token.TokenReading;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.DoubleSupplier;

/** The thread that runs a guardian's turns, when one is due or something has changed. Any thread may use it. */
public class GuardianLoop implements Loop, Watched, AutoCloseable {
    /** A longer turn is a fault. A turn never waits, so it takes only milliseconds if the CPU is available. */
    static final Duration LONGEST_TURN = Duration.ofSeconds(10);

    static final Duration BETWEEN_DATES = Duration.ofMillis(500);

    /** Dates are dropped while this much is to be done in the next turn. */
    private static final int MOST_RECEIVED = 64;

    private final Guardian guardian;
    private final InstantSource timeline;
    private final LoopThread thread;
    private final Queue<Runnable> received = new ConcurrentLinkedQueue<>();
    private final ReportLimit reportLimit;
    private final AtomicReference<Instant> lastDate = new AtomicReference<>(Instant.MIN);

    public GuardianLoop(Guardian guardian, InstantSource timeline, DoubleSupplier chance) {
        this.reportLimit = new ReportLimit(chance);
        this.guardian = guardian;
        this.timeline = timeline;
        this.thread = new LoopThread("guardian", LONGEST_TURN, this);
        guardian.onWake(this::wake);
    }

    public void start() {
        thread.start();
    }

    public void submit(TokenReading reading) {
        reportLimit.reset();
        execute(() -> guardian.onReading(reading));
    }

    /**
     * Takes what the proxy's connections show of the replicas: each refusal of a token, unless {@link ReportLimit}
     * suppresses it, and about once a second for each busy connection an acceptance, for its {@code Date}. The token
     * may be older than the token in use. Returns at once.
     */
    public void onAnswer(Answer answer) {
        if (answer.finding() == Finding.ACCEPTED) {
            onDate(answer);
        } else if (reportLimit.admits(answer, timeline.instant())) {
            execute(() -> guardian.onAnswer(answer));
        }
    }

    private void onDate(Answer answer) {
        if (answer.clock() == null || received.size() >= MOST_RECEIVED) {
            return; // more dates will come
        }
        received.add(() -> guardian.onAnswer(answer));
        Instant before = lastDate.get();
        if (before.isBefore(answer.at().minus(BETWEEN_DATES)) && lastDate.compareAndSet(before, answer.at())) {
            wake();
        }
    }

    private void execute(Runnable task) {
        received.add(task);
        wake();
    }

    public void wake() {
        thread.wake();
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    @Override
    public List<ThreadState> threads() {
        return thread.threads();
    }

    @Override
    public void close() {
        thread.close();
    }

    /** Takes one turn. Returns how long to wait before the next turn. */
    @Override
    public Duration runOnce() {
        for (Runnable task = received.poll(); task != null; task = received.poll()) {
            task.run();
        }
        Instant next = guardian.runOnce();
        Instant now = timeline.instant();
        // A date that arrives less than BETWEEN_DATES after a date that woke the thread does not wake it again.
        // Instead, it is taken in the turn that is due 2 x BETWEEN_DATES after the date that woke the thread.
        Instant dates = lastDate.get().plus(BETWEEN_DATES.multipliedBy(2));
        return Duration.between(now, now.isBefore(dates) && dates.isBefore(next) ? dates : next);
    }

    /** Called on the thread after its last turn. */
    @Override
    public void onEnd() {
        guardian.close();
    }
}
