package io.tokenguardian.guardian;

import static io.tokenguardian.guardian.World.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.replica.Answers;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One of three replicas refuses an accepted token for good, as with another key set. Connections are dealt by lot. */
class RefusingReplicaTest {
    private final Replica wrong = new Replica("wrong", Duration.ZERO);
    private final Token token = TestTokens.issuedAt(
                    NOON.truncatedTo(ChronoUnit.SECONDS).minusSeconds(3600))
            .expiresAt(NOON.plus(Duration.ofHours(24)))
            .token();

    /** Makes a world in which the guardian knows of the refusal. */
    private World refusing(long seed) {
        wrong.unknown.clear();
        World world = World.dealt(seed, new Replica("a", Duration.ZERO), new Replica("b", Duration.ZERO), wrong)
                .read(token)
                .runUntilAccepted();
        wrong.unknown.add(token);
        while (!(world.verdict() instanceof Verdict.Refused)) {
            world.guardian.onAnswer(Answers.refused(token, Finding.REFUSED, false));
            world.runFor(Duration.ofSeconds(1));
        }
        return world;
    }

    @Test
    void aRefusalCostsFewConnectionsWhileItsConnectionLasts() {
        List<Integer> connections = LongStream.range(0, 100)
                .mapToObj(seed -> {
                    World world = refusing(seed);
                    int before = world.apiServer.connections;
                    world.runFor(Duration.ofMinutes(9));
                    assertThat(world.verdict()).isInstanceOf(Verdict.Refused.class);
                    assertThat(world.guardian.tokenStatus().isUsable()).isTrue();
                    return world.apiServer.connections - before;
                })
                .toList();

        // Some samples, each of which may reach the refusing replica and then looks for another.
        assertThat(connections).allMatch(each -> each <= 20);
        assertThat(connections.stream().mapToInt(each -> each).average().orElseThrow())
                .isLessThan(10);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3, 4})
    void theTokenIsAcceptedAgainWithinHalfAMinuteOfTheReplicasAcceptance(long seed) {
        World world = refusing(seed).runFor(Duration.ofMinutes(3));

        wrong.unknown.clear();
        world.runFor(Duration.ofSeconds(31));

        assertThat(world.verdict()).isInstanceOf(Verdict.Accepted.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3, 4})
    void theTokenIsAcceptedAgainWithinHalfAMinuteOfTheReplicasRestart(long seed) {
        World world = refusing(seed).runFor(Duration.ofMinutes(3));

        wrong.unknown.clear();
        world.apiServer.breakConnections();
        world.runFor(Duration.ofSeconds(32));

        assertThat(world.verdict()).isInstanceOf(Verdict.Accepted.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3, 4})
    void theTokenIsAcceptedAgainAfterTheReplicaHasLeft(long seed) {
        World world = refusing(seed).runFor(Duration.ofMinutes(3));

        world.apiServer.leave(wrong);
        world.runFor(Duration.ofMinutes(10));

        assertThat(world.verdict()).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void anAcceptanceThatTheProxyReceivesEndsTheRefusalOfAll() {
        Replica only = new Replica("only", Duration.ZERO);
        World world = World.of(only).read(token).runUntilAccepted();
        only.unknown.add(token);
        world.guardian.onAnswer(Answers.refused(token, Finding.REFUSED, false));
        world.runFor(Duration.ofMinutes(5));
        assertThat(world.guardian.tokenStatus().isUsable()).isFalse();
        only.unknown.clear();

        world.guardian.onAnswer(Answers.to(token, Finding.ACCEPTED, null, world.time.now()));
        world.runFor(Duration.ofMillis(100));

        assertThat(world.guardian.tokenStatus().isUsable()).isTrue();
    }
}
