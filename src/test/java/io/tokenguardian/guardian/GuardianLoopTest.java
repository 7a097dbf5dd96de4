package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.clock.Sample;
import io.tokenguardian.concurrent.ThreadState;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.replica.Answers;
import io.tokenguardian.token.LogRecords;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real thread in simulated time. Time does not pass while the thread waits, so only an event causes a turn. */
class GuardianLoopTest {
    private static final Token TOKEN =
            TestTokens.issuedAt(World.NOON.truncatedTo(ChronoUnit.SECONDS)).token();

    private final World world = World.of(new Replica("good", Duration.ZERO));
    private final GuardianLoop loop = new GuardianLoop(world.guardian, world.time.timeline(), () -> 0);

    @BeforeEach
    void respondAtOnce() {
        world.apiServer.atOnce = true;
    }

    @Test
    void theThreadIsNotHealthyBeforeItsStart() {
        assertThat(loop.threads()).noneMatch(ThreadState::isHealthy);
    }

    @Test
    void theFirstTurnIsTakenAtTheStart() {
        world.read(TOKEN);

        loop.start();

        await().until(() -> world.guardian.tokenStatus().isAccepted());
        assertThat(loop.threads()).singleElement().matches(ThreadState::isHealthy);
        loop.close();
    }

    @Test
    void aDateThatFollowsAnotherAtOnceIsUsedToo() {
        loop.start();
        hear("nine");
        await().until(() -> world.guardian.tokenStatus().replicas().size() == 1);

        hear("ten");

        await().until(() -> world.guardian.tokenStatus().replicas().size() == 2);
        loop.close();
    }

    @Test
    void aReadingCausesATurnAlthoughNothingIsDue() {
        startAndAwaitATurn();

        loop.submit(new TokenReading.Present(TOKEN, world.time.now()));

        await().until(() -> world.guardian.tokenStatus().isAccepted());
        loop.close();
    }

    @Test
    void closeEndsTheWaitingThreadAndItsConnections() {
        World slow = World.of(new Replica("slow", Duration.ofHours(-1))).read(TOKEN);
        slow.apiServer.atOnce = true;
        GuardianLoop waiting = new GuardianLoop(slow.guardian, slow.time.timeline(), () -> 0);
        waiting.start();
        await().until(() -> slow.verdict() instanceof Verdict.NotYetValid);

        waiting.close();

        await().until(() -> !waiting.isAlive());
        assertThat(slow.apiServer.asked).isNotEmpty();
        assertThat(slow.apiServer.open).isZero();
    }

    @Test
    void aTurnThatThrowsIsLoggedAndTheNextTurnFollows() {
        AtomicInteger calls = new AtomicInteger();
        world.guardian.onTokenStatus(tokenStatus -> {
            if (calls.incrementAndGet() == 1) {
                throw new IllegalStateException("a listener that fails");
            }
        });
        try (LogRecords log = LogRecords.of("io.tokenguardian")) {
            loop.start();

            await().until(() -> calls.get() > 1);

            assertThat(log.lines())
                    .filteredOn(line -> line.startsWith("ERROR"))
                    .singleElement()
                    .asString()
                    .startsWith(
                            "ERROR thread=failed guardian java.lang.IllegalStateException: a listener that fails (at ");
            assertThat(loop.threads()).containsExactly(new ThreadState("guardian", null, 1));
        }
        loop.close();
    }

    @Test
    void aProbeThatCloseAbandonsChangesNoVerdict() {
        world.apiServer.atOnce = false; // so no response arrives
        List<Verdict> verdicts = new CopyOnWriteArrayList<>();
        world.guardian.onTokenStatus(tokenStatus -> verdicts.add(tokenStatus.verdict()));
        world.read(TOKEN);
        loop.start();
        await().until(() -> world.apiServer.connections > 0);

        loop.close();
        await().until(() -> !loop.isAlive());

        assertThat(verdicts).isNotEmpty().allMatch(Verdict.Pending.class::isInstance);
    }

    private void startAndAwaitATurn() {
        CountDownLatch turned = new CountDownLatch(1);
        world.guardian.onTokenStatus(tokenStatus -> turned.countDown());
        loop.start();
        await().until(() -> turned.getCount() == 0);
    }

    private void hear(String certificate) {
        Sample sample = new Sample(World.NOON, World.NOON, World.NOON);
        loop.onAnswer(Answers.date("10.0.0.9:6443", certificate, sample));
    }
}
