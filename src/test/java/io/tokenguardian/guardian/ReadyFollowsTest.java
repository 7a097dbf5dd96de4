package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** When {@code ready} turns up, and what takes it down afterwards. */
class ReadyFollowsTest {
    private static final Duration LONG = Duration.ofMinutes(10);

    private final Replica first = new Replica("first", Duration.ZERO);
    private final Replica second = new Replica("second", Duration.ZERO);
    private final Token token = TestTokens.issuedAt(World.NOON).token();
    private final World world = World.of(first, second);

    private boolean isReady(ReadyFollows follows, AcceptedBy acceptedBy) {
        return follows.isReady(acceptedBy, world.guardian.tokenStatus());
    }

    /** Runs for a long time, and returns the distinct values of {@code ready} for accepted-by=every. */
    private List<Boolean> readyMeanwhile(ReadyFollows follows) {
        List<Boolean> values = new ArrayList<>();
        world.onTokenStatus(tokenStatus -> values.add(follows.isReady(AcceptedBy.EVERY, tokenStatus)));
        world.runFor(LONG);
        return values.stream().distinct().toList();
    }

    @ParameterizedTest
    @EnumSource(ReadyFollows.class)
    void whileAllReplicasRefuseTheFirstTokenReadyIsDown(ReadyFollows follows) {
        first.unknown.add(token);
        second.unknown.add(token);
        world.read(token);

        assertThat(readyMeanwhile(follows)).containsExactly(false);
    }

    @ParameterizedTest
    @CsvSource({"START, EVERY, false", "START, ANY, true", "TOKEN, EVERY, false", "TOKEN, ANY, true"})
    void whileOneRefusesTheFirstTokenAcceptedByDecides(ReadyFollows follows, AcceptedBy acceptedBy, boolean ready) {
        second.unknown.add(token);

        world.read(token).runFor(LONG);

        assertThat(isReady(follows, acceptedBy)).isEqualTo(ready);
    }

    @ParameterizedTest
    @EnumSource(ReadyFollows.class)
    void readyTurnsUpWhenTheSecondReplicaAcceptsToo(ReadyFollows follows) {
        second.unknown.add(token);
        world.read(token).runFor(LONG);
        second.unknown.clear();

        world.runUntilAccepted();

        assertThat(isReady(follows, AcceptedBy.EVERY)).isTrue();
    }

    @ParameterizedTest
    @EnumSource(ReadyFollows.class)
    void aLaterRefusalByOneOfTwoLeavesReadyUp(ReadyFollows follows) {
        world.read(token).runUntilAccepted();
        second.unknown.add(token);

        assertThat(readyMeanwhile(follows)).containsExactly(true);
        assertThat(world.verdict()).isInstanceOf(Verdict.Refused.class);
    }

    @Test
    void aLaterRefusalByAllLeavesReadyUpIfItFollowsTheStart() {
        world.read(token).runUntilAccepted();
        first.unknown.add(token);
        second.unknown.add(token);

        assertThat(readyMeanwhile(ReadyFollows.START)).containsExactly(true);
        assertThat(world.guardian.tokenStatus().isUsable()).isFalse();
    }

    @Test
    void aLaterRefusalByAllTakesReadyDownIfItFollowsTheToken() {
        world.read(token).runUntilAccepted();
        first.unknown.add(token);
        second.unknown.add(token);

        assertThat(readyMeanwhile(ReadyFollows.TOKEN)).containsExactly(true, false);
    }

    @Test
    void followingTheTokenReadyTurnsUpOnceOneReplicaAcceptsAgain() {
        world.read(token).runUntilAccepted();
        first.unknown.add(token);
        second.unknown.add(token);
        world.runFor(LONG);
        first.unknown.clear();

        assertThat(readyMeanwhile(ReadyFollows.TOKEN)).containsExactly(false, true);
        assertThat(world.verdict()).isInstanceOf(Verdict.Refused.class);
    }

    @ParameterizedTest
    @EnumSource(ReadyFollows.class)
    void anUnreachableApiServerLeavesReadyUp(ReadyFollows follows) {
        world.read(token).runUntilAccepted();
        first.instead = new ProbeOutcome.Unreachable("connection refused");
        second.instead = new ProbeOutcome.Unreachable("connection refused");

        assertThat(readyMeanwhile(follows)).containsExactly(true);
    }
}
