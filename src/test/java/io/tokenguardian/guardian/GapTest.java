package io.tokenguardian.guardian;

import static io.tokenguardian.guardian.World.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.replica.Answers;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.TokenTerms;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The guardian does not run for a while: its process is stopped, or its computer sleeps. */
class GapTest {
    private static final Instant SECOND = NOON.truncatedTo(ChronoUnit.SECONDS);
    private static final Duration LONG = Duration.ofMinutes(12);
    private static final Duration HOLD = Duration.ofMinutes(3);
    private static final Duration NANO = Duration.ofNanos(1);

    private final Token token = issuedAt(SECOND);
    private final Replica replica = new Replica("right", Duration.ZERO);
    private final World world = World.of(replica).read(token);
    private final WaitAdvisor waitAdvisor =
            new WaitAdvisor(TokenTerms.YOUNG, world.time.timeline(), (status, now) -> "");

    private static Token issuedAt(Instant second) {
        return TestTokens.issuedAt(second).expiresAt(second.plusSeconds(600)).token();
    }

    @BeforeEach
    void accept() {
        world.onTokenStatus(waitAdvisor).runUntilAccepted();
    }

    private void stop(Duration gap) {
        world.time.advance(gap);
    }

    /** Monotonic time stands still. Then the proxy gets a refusal, because the guardian has no turn for a minute. */
    private void sleep(Duration gap) {
        world.time.stepNodeClock(gap);
        replica.offset = gap;
        world.guardian.onAnswer(Answers.refused(token, Finding.NOT_YET_VALID, false));
    }

    /** Runs for ten seconds, in which the token is found to be expired. Returns how long it is still waited for. */
    private Duration waitLeft() {
        world.runFor(Duration.ofSeconds(10));
        assertThat(world.verdict()).isInstanceOf(Verdict.Expired.class);
        assertThat(world.tokenSource.usable()).isEmpty();
        return waitAdvisor.untilRefusalIsFinal().orElse(Duration.ZERO);
    }

    private void assertAwaitedForTwoMinutes() {
        Duration left = waitLeft();

        assertThat(left).isBetween(Duration.ofSeconds(110), Duration.ofSeconds(111));
        world.time.advance(left.minus(NANO));
        assertThat(waitAdvisor.hopelessToken(HOLD)).isNull();
        world.time.advance(NANO);
        assertThat(waitAdvisor.hopelessToken(HOLD)).isEqualTo(token);
        world.time.advance(NANO);
        assertThat(waitAdvisor.hopelessToken(HOLD)).isEqualTo(token);
    }

    @Test
    void aTokenThatExpiresWhileTheProcessIsStoppedIsAwaited() {
        stop(LONG);

        assertAwaitedForTwoMinutes();
    }

    @Test
    void aTokenThatExpiresWhileTheComputerSleepsIsAwaited() {
        sleep(LONG);

        assertAwaitedForTwoMinutes();
    }

    @Test
    void aSecondGapIsFollowedByAnotherWait() {
        stop(LONG);
        assertAwaitedForTwoMinutes();

        stop(LONG);

        assertAwaitedForTwoMinutes();
    }

    @Test
    void aTokenThatExpiresWhileTheGuardianRunsIsNotAwaited() {
        world.runFor(Duration.ofSeconds(670));

        assertThat(waitLeft()).isLessThan(TokenTerms.YOUNG);
    }

    @Test
    void aTokenThatExpiredBeforeAGapIsNotAwaited() {
        world.runFor(Duration.ofSeconds(670));
        waitLeft();
        stop(LONG);

        assertThat(waitLeft()).isLessThan(TokenTerms.YOUNG);
    }

    /** When the token in use is found to be expired, the verdict is about the earlier token for a while. */
    @Test
    void anEarlierTokenThatExpiresInTheSameGapIsAwaitedToo() {
        world.read(issuedAt(SECOND.plusSeconds(1))).runFor(Duration.ofSeconds(10));
        stop(LONG);

        assertThat(waitLeft()).isBetween(Duration.ofSeconds(110), Duration.ofSeconds(111));
    }

    @ParameterizedTest
    @CsvSource({"-1, false", "0, false", "1, true"})
    void onlyMoreThan90SecondsAreAGap(int nanos, boolean isGap) {
        world.runFor(Duration.ofSeconds(590));
        Instant last = world.guardian.tokenStatus().at();

        world.time.advanceTo(last.plusSeconds(90).plusNanos(nanos));
        world.guardian.runOnce();

        assertThat(world.guardian.tokenStatus().resumedAt()).isEqualTo(isGap ? world.time.now() : null);
    }

    @ParameterizedTest
    @CsvSource({"-1, false", "0, true", "1, true"})
    void aGapCountsOnlyIfTheTokenHasExpired(int nanos, boolean counts) {
        world.time.advanceTo(SECOND.plusSeconds(600).plusNanos(nanos));
        world.guardian.runOnce();

        assertThat(world.guardian.tokenStatus().expiredInGapUntil()).isEqualTo(counts ? world.time.now() : null);
    }
}
