package io.tokenguardian.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.token.LogRecords;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Real threads. The duration of a turn is simulated. */
class LoopThreadTest {
    private static final Duration AN_HOUR = Duration.ofHours(1);
    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    private final AtomicInteger turns = new AtomicInteger();
    private final LogRecords log = LogRecords.of("io.tokenguardian");
    private @Nullable LoopThread thread;

    @AfterEach
    void close() {
        if (thread != null) {
            thread.close();
            thread.join(TIMEOUT);
        }
        log.close();
    }

    private LoopThread thread(Loop loop) {
        LoopThread made = new LoopThread("name", LONGEST, loop, now::get);
        thread = made;
        return made;
    }

    private LoopThread counting(Duration pause) {
        return thread(() -> {
            turns.incrementAndGet();
            return pause;
        });
    }

    private void startAndAwaitTurn(LoopThread started, int turn) {
        started.start();
        awaitTurn(turn);
    }

    private void awaitTurn(int turn) {
        await().atMost(TIMEOUT).until(() -> turns.get() == turn);
    }

    private static @Nullable String fault(LoopThread thread) {
        assertThat(thread.threads())
                .singleElement()
                .extracting(ThreadState::name)
                .isEqualTo("name");
        return thread.threads().get(0).fault();
    }

    @Test
    void aThreadThatIsNotStartedHasAFault() {
        assertThat(fault(counting(AN_HOUR))).isEqualTo("has not been started");
    }

    @Test
    void aWakeUpCausesTheNextTurnAtOnce() {
        LoopThread counting = counting(AN_HOUR);
        startAndAwaitTurn(counting, 1);

        counting.wake();

        awaitTurn(2);
    }

    @Test
    void aWakeUpDuringATurnIsNotLost() {
        CountDownLatch woken = new CountDownLatch(1);
        LoopThread slow = thread(() -> {
            if (turns.incrementAndGet() == 1) {
                woken.await();
            }
            return AN_HOUR;
        });
        startAndAwaitTurn(slow, 1);

        slow.wake();
        woken.countDown();

        awaitTurn(2);
    }

    @Test
    void aNegativePauseIsNoPause() {
        counting(Duration.ofDays(-1_000_000)).start();

        await().atMost(TIMEOUT).until(() -> turns.get() > 3);
    }

    @Test
    void aPauseTooLongForNanosecondsIsKept() {
        LoopThread counting = counting(Duration.ofSeconds(Long.MAX_VALUE));
        startAndAwaitTurn(counting, 1);

        counting.wake();

        awaitTurn(2);
        assertThat(fault(counting)).isNull();
    }

    /** Makes a thread whose first turns fail. */
    private LoopThread failing(int times) {
        return thread(() -> {
            if (turns.incrementAndGet() <= times) {
                throw new IllegalStateException("a turn\nthat fails");
            }
            return AN_HOUR;
        });
    }

    @Test
    void failingTurnsPauseTwiceAsLongEachAndTheFirstLogsItsStack() {
        LoopThread failing = failing(3);

        failing.start();

        awaitTurn(4);
        assertThat(failing.threads()).containsExactly(new ThreadState("name", null, 3));
        assertThat(log.lines())
                .allMatch(
                        line -> line.startsWith("ERROR thread=failed name java.lang.IllegalStateException: a turn that"
                                + " fails (at concurrent."))
                .extracting(line -> line.replaceAll(".*; ", ""))
                .containsExactly(
                        "the next turn is in 100 ms", "the next turn is in 200 ms", "the next turn is in 400 ms");
        assertThat(log.thrown()).hasSize(1);
    }

    @Test
    void turnsThatThrowForMoreThanAMinuteAreAFault() {
        LoopThread failing = failing(Integer.MAX_VALUE);
        failing.start();
        await().atMost(TIMEOUT).until(() -> turns.get() > 1);

        now.addAndGet(Duration.ofMinutes(1).toNanos());
        String atAMinute = fault(failing);
        now.addAndGet(1);

        assertThat(atAMinute).isNull();
        assertThat(fault(failing)).isEqualTo("has failed for 60 s; see the log");
    }

    @Test
    void aSuccessfulTurnEndsTheFault() {
        LoopThread failing = failing(2);
        startAndAwaitTurn(failing, 2);
        now.addAndGet(AN_HOUR.toNanos());

        awaitTurn(3);

        await().atMost(TIMEOUT).until(() -> fault(failing) == null);
    }

    @Test
    void aWakeUpDoesNotEndThePauseAfterATurnThatThrows() {
        List<Long> starts = new CopyOnWriteArrayList<>();
        LoopThread failing = thread(() -> {
            starts.add(System.nanoTime());
            if (starts.size() == 1) {
                wakeItself();
                throw new IllegalStateException("fails");
            }
            return AN_HOUR;
        });

        failing.start();

        await().atMost(TIMEOUT).until(() -> starts.size() == 2);
        assertThat(Duration.ofNanos(starts.get(1) - starts.get(0))).isGreaterThanOrEqualTo(Duration.ofMillis(100));
    }

    @Test
    void thePauseAfterATurnThatThrowsEndsHoweverOftenItIsWoken() {
        LoopThread failing = failing(5);
        failing.start();

        await().atMost(TIMEOUT).pollInterval(Duration.ofMillis(10)).until(() -> {
            now.addAndGet(Duration.ofSeconds(1).toNanos());
            failing.wake();
            return turns.get() >= 6; // the last wake may cause another turn
        });

        assertThat(fault(failing)).isNull();
    }

    private void wakeItself() {
        Objects.requireNonNull(thread).wake();
    }

    @Test
    void anInterruptWithoutCloseDoesNotEndTheThread() {
        Thread[] itself = new Thread[1];
        LoopThread interrupted = thread(() -> {
            itself[0] = Thread.currentThread();
            turns.incrementAndGet();
            return AN_HOUR;
        });
        startAndAwaitTurn(interrupted, 1);

        itself[0].interrupt();

        awaitTurn(2);
        assertThat(itself[0].isDaemon()).isTrue();
        assertThat(log.lines()).singleElement().asString().contains("InterruptedException");
    }

    @Test
    void aTurnThatTakesLongerThanTheLimitIsAFault() {
        CountDownLatch never = new CountDownLatch(1);
        LoopThread stuck = thread(() -> {
            turns.incrementAndGet();
            never.await();
            return AN_HOUR;
        });
        startAndAwaitTurn(stuck, 1);

        now.addAndGet(LONGEST.toNanos());
        String atTheLongest = fault(stuck);
        now.addAndGet(1);

        assertThat(atTheLongest).isNull();
        assertThat(fault(stuck)).isEqualTo("has been busy for 30 s");
    }

    @Test
    void aLongPauseIsNotAFault() {
        LoopThread counting = counting(AN_HOUR);
        startAndAwaitTurn(counting, 1);
        await().atMost(TIMEOUT).until(() -> fault(counting) == null);

        now.addAndGet(AN_HOUR.toNanos());

        await().atMost(TIMEOUT).until(() -> fault(counting) == null);
    }

    @Test
    void aTurnThatCloseInterruptsIsNotAFault() {
        LoopThread breaking = thread(() -> {
            turns.incrementAndGet();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                throw new IllegalStateException("given up", e);
            }
            return AN_HOUR;
        });
        startAndAwaitTurn(breaking, 1);

        breaking.close();

        await().atMost(TIMEOUT).until(() -> !breaking.isAlive());
        assertThat(fault(breaking)).isNull();
        assertThat(log.lines()).isEmpty();
    }

    @Test
    void closeAfterTurnDoesNotInterruptTheTurn() {
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger finished = new AtomicInteger();
        LoopThread slow = thread(() -> {
            turns.incrementAndGet();
            release.await();
            finished.incrementAndGet();
            return AN_HOUR;
        });
        startAndAwaitTurn(slow, 1);

        slow.closeAfterTurn();
        release.countDown();
        slow.join(TIMEOUT);

        assertThat(slow.isAlive()).isFalse();
        assertThat(finished).hasValue(1);
        assertThat(turns).hasValue(1);
    }

    @Test
    void theEndCallbackRunsOnceAlthoughATurnThrows() {
        AtomicInteger ends = new AtomicInteger();
        LoopThread failing = thread(new Loop() {
            @Override
            public Duration runOnce() {
                throw new IllegalStateException("fails");
            }

            @Override
            public void onEnd() {
                ends.incrementAndGet();
            }
        });

        failing.start();
        failing.closeAfterTurn();

        await().atMost(TIMEOUT).until(() -> !failing.isAlive());
        assertThat(ends).hasValue(1);
    }

    /** The process's handler for uncaught exceptions has to receive the error. */
    @Test
    void anOutOfMemoryErrorReachesTheUncaughtExceptionHandler() {
        Throwable[] seen = new Throwable[1];
        LoopThread failing = thread(() -> {
            Thread.currentThread().setUncaughtExceptionHandler((thrower, failure) -> seen[0] = failure);
            throw new OutOfMemoryError("in a test");
        });

        failing.start();

        await().atMost(TIMEOUT).until(() -> !failing.isAlive());
        assertThat(seen[0]).isInstanceOf(OutOfMemoryError.class);
        assertThat(fault(failing)).isNotNull();
        assertThat(log.lines()).isEmpty();
    }
}
