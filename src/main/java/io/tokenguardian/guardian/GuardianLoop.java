package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.Connector.ServerCertificate;
import io.tokenguardian.clock.Sample;
import io.tokenguardian.concurrent.Loop;
import io.tokenguardian.concurrent.LoopThread;
import io.tokenguardian.concurrent.ThreadState;
import io.tokenguardian.concurrent.Watched;
import io.tokenguardian.guardian.ObservedReplicas.HeardDate;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** The thread that runs a guardian whenever a turn is due or something has changed. */
public final class GuardianLoop implements Guardian.ProxyObserver, Watched, AutoCloseable {
    /** A turn waits for nothing. It is done in milliseconds, if it gets the CPU. */
    static final Duration LONGEST_TURN = Duration.ofSeconds(10);

    /** A 401 to a token that the proxy has sent. */
    public enum HeardRefusal {
        /** The replica's clock explains it. Other replicas may accept the token. */
        BY_CLOCK,

        /** Clocks explain the 401s over as many new connections in a row as the proxy tries. */
        BY_EVERY_CLOCK,

        /** No clock explains it: the token may be revoked. */
        OTHER
    }

    /** The least time between two turns that {@code Date}s cause. */
    static final Duration BETWEEN_DATES = Duration.ofMillis(500);

    private final Guardian guardian;
    private final InstantSource timeline;
    private final LoopThread thread;
    private final RefusalPauses refusalPauses = new RefusalPauses();
    private final AtomicReference<Instant> lastDate = new AtomicReference<>(Instant.MIN);

    /** The thread is named {@code guardian}. */
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

    /** Makes the guardian handle a new reading of the token file at once; from any thread. */
    public void submit(TokenReading reading) {
        refusalPauses.end();
        guardian.submit(reading);
        wake();
    }

    /**
     * Makes the guardian probe every token that some replica accepts, at once or when its pause ends; from any thread.
     */
    public void recheck() {
        guardian.recheckSoon();
        wake();
    }

    /**
     * Reports a refusal to the guardian, after the pause of its kind ({@link RefusalPauses}). The guardian probes
     * {@code token}, unless the refusal is {@link HeardRefusal#BY_CLOCK} and the token is not accepted anyway.
     */
    @Override
    public void onRefusal(Token token, HeardRefusal refusal) {
        if (refusalPauses.isOver(refusal, timeline.instant())) {
            guardian.hearRefusal(token, refusal);
            wake();
        }
    }

    /** Makes the guardian compare the replica's clock, within a second. */
    @Override
    public void onDate(String address, ServerCertificate certificate, Duration roundTrip, Instant date) {
        Instant now = timeline.instant();
        guardian.hearDate(new HeardDate(address, certificate, new Sample(now.minus(roundTrip), now, date)));
        if (isDue(lastDate, BETWEEN_DATES, now)) {
            wake();
        }
    }

    /** Whether {@code last} was longer ago than {@code pause}. If so, it is {@code now} from here on. */
    private static boolean isDue(AtomicReference<Instant> last, Duration pause, Instant now) {
        Instant before = last.get();
        return before.isBefore(now.minus(pause)) && last.compareAndSet(before, now);
    }

    /** Makes a turn due at once; from any thread. */
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

    /** Ends the thread. Probes under way are aborted. */
    @Override
    public void close() {
        thread.close();
    }

    private final class Turning implements Loop {
        @Override
        public Duration runOnce() {
            Instant next = guardian.runOnce();
            Instant now = timeline.instant();
            // A date that comes less than BETWEEN_DATES after one that woke the thread does not wake it. It is taken by
            // the turn that is due 2 x BETWEEN_DATES after that turn.
            Instant dates = lastDate.get().plus(BETWEEN_DATES.multipliedBy(2));
            return Duration.between(now, now.isBefore(dates) && dates.isBefore(next) ? dates : next);
        }

        @Override
        public void onEnd() {
            guardian.close();
        }
    }
}
