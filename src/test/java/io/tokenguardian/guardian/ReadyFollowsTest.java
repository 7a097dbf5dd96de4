package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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

    /** Lets this many replicas refuse the token, and the others accept it. */
    private void refuse(int replicas) {
        List.of(first, second).forEach(each -> each.unknown.clear());
        List.of(first, second).subList(0, replicas).forEach(each -> each.unknown.add(token));
    }

    /** Runs for a long time, and returns the distinct values of {@code ready}. */
    private List<Boolean> readyMeanwhile(ReadyFollows follows, AcceptedBy acceptedBy) {
        List<Boolean> values = new ArrayList<>();
        world.onTokenStatus(tokenStatus -> values.add(follows.isReady(acceptedBy, tokenStatus)));
        world.runFor(LONG);
        return values.stream().distinct().toList();
    }

    @ParameterizedTest
    @CsvSource({"EVERY, 2, false", "ANY, 2, false", "EVERY, 1, false", "ANY, 1, true", "EVERY, 0, true"})
    void acceptedByDecidesWhenReadyTurnsUp(AcceptedBy acceptedBy, int refusing, boolean ready) {
        refuse(refusing);
        world.read(token);

        for (ReadyFollows follows : ReadyFollows.values()) {
            assertThat(readyMeanwhile(follows, acceptedBy)).endsWith(ready);
        }
    }

    @ParameterizedTest
    @CsvSource({"START, 1, true", "TOKEN, 1, true", "START, 2, true", "TOKEN, 2, false"})
    void onlyALaterRefusalByAllTakesReadyDown(ReadyFollows follows, int refusing, boolean ready) {
        world.read(token).runUntilAccepted();
        refuse(refusing);

        assertThat(readyMeanwhile(follows, AcceptedBy.EVERY)).startsWith(true).endsWith(ready);

        refuse(1);
        assertThat(readyMeanwhile(follows, AcceptedBy.EVERY)).endsWith(true);
    }

    @ParameterizedTest
    @EnumSource(ReadyFollows.class)
    void anUnreachableApiServerLeavesReadyUp(ReadyFollows follows) {
        world.read(token).runUntilAccepted();
        world.apiServer.instead = new ProbeOutcome.Unreachable("connection refused");

        assertThat(readyMeanwhile(follows, AcceptedBy.EVERY)).containsExactly(true);
    }
}
