package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.Connector.ServerCertificate;
import io.tokenguardian.concurrent.Loop;
import io.tokenguardian.concurrent.LoopThread;
import io.tokenguardian.concurrent.ThreadState;
import io.tokenguardian.concurrent.Watched;
import io.tokenguardian.guardian.ObservedReplicas.HeardDate;
import io.tokenguardian.replica.Answer;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.token.TokenReading;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** The thread that runs a guardian's turns, when one is due or something has changed. Any thread may use it. */
public final class GuardianLoop implements ProxyObserver, Watched, AutoCloseable {
    /** A longer turn is a fault. A turn never waits, so it takes only milliseconds if the CPU is available. */
    static final Duration LONGEST_TURN = Duration.ofSeconds(10);

    /** A 401 response to a token that the proxy has sent. */
    public enum HeardRefusal {
        /** The replica's clock explains the 401. Other replicas may accept the token. */
        BY_CLOCK,

        /** The replicas' clocks explain the 401s on all consecutive new connections that the proxy tries. */
        BY_EVERY_CLOCK,

        /** No clock explains the 401: the token may have been revoked. */
        OTHER
    }

    /** The minimum time between two turns caused by {@code Date}s. */
    static final Duration BETWEEN_DATES = Duration.ofMillis(500);

    private final Guardian guardian;
    private final InstantSource timeline;
    private final LoopThread thread;
    private final RefusalPauses refusalPauses = new RefusalPauses();
    private final AtomicReference<Instant> lastDate = new AtomicReference<>(Instant.MIN);

    public GuardianLoop(Guardian guardian, InstantSource timeline) {
        this(guardian, timeline, "guardian");
    }

    GuardianLoop(Guardian guardian, InstantSource timeline, String name) {
        this.guardian = guardian;
        this.timeline = timeline;
        this.thread = new LoopThread(name, LONGEST_TURN, new Turning());
        guardian.onWake(this::wake);
    }

    public void start() {
        thread.start();
    }

    public void submit(TokenReading reading) {
        refusalPauses.end();
        guardian.input().submit(reading);
        wake();
    }

    /** Makes the guardian probe every token that some replica accepts, at once or when the token's pause ends. */
    public void recheck() {
        guardian.input().recheckSoon();
        wake();
    }

    /**
     * Passes a refusal to the guardian, unless {@link RefusalPauses} suppresses refusals of its kind. Passes a sample
     * of the replica's clock, which the guardian takes within a second.
     */
    @Override
    public void onAnswer(Answer answer, String address, Supplier<ServerCertificate> certificate, boolean inDoubt) {
        if (answer.finding() == Finding.ACCEPTED) {
            if (answer.clock() != null) {
                onDate(new HeardDate(address, certificate.get(), answer.clock()));
            }
            return;
        }
        HeardRefusal byClock = inDoubt ? HeardRefusal.BY_EVERY_CLOCK : HeardRefusal.BY_CLOCK;
        HeardRefusal refusal = answer.finding().isByClock() ? byClock : HeardRefusal.OTHER;
        if (refusalPauses.isOver(refusal, timeline.instant())) {
            guardian.input().hearRefusal(answer.token(), refusal);
            wake();
        }
    }

    private void onDate(HeardDate date) {
        guardian.input().hearDate(date);
        Instant now = date.sample().receivedAt();
        Instant before = lastDate.get();
        if (before.isBefore(now.minus(BETWEEN_DATES)) && lastDate.compareAndSet(before, now)) {
            wake();
        }
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

    /** Ends the thread and aborts probes in progress. */
    @Override
    public void close() {
        thread.close();
    }

    private final class Turning implements Loop {
        @Override
        public Duration runOnce() {
            Instant next = guardian.runOnce();
            Instant now = timeline.instant();
            // A date that arrives less than BETWEEN_DATES after a date that woke the thread does not wake it again.
            // Instead, it is taken in the turn that is due 2 x BETWEEN_DATES after the date that woke the thread.
            Instant dates = lastDate.get().plus(BETWEEN_DATES.multipliedBy(2));
            return Duration.between(now, now.isBefore(dates) && dates.isBefore(next) ? dates : next);
        }

        @Override
        public void onEnd() {
            guardian.close();
        }
    }
}
