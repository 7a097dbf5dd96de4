package io.tokenguardian.guardian;

import static io.tokenguardian.guardian.World.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenguardian.guardian.SimulatedApiServer.Probe;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.replica.Search;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The searches that follow a search that found no accepting replica. */
class FurtherSearchTest {
    private static final Instant SECOND = NOON.truncatedTo(ChronoUnit.SECONDS);
    private static final Duration ALMOST_AT_ONCE = Duration.ofMillis(100);
    private static final Duration HOURS_BEHIND = Duration.ofHours(-2);
    private static final Duration LONG_PAUSE = Duration.ofMinutes(1);

    private final Replica right = new Replica("right", Duration.ZERO);
    private final Replica slow = new Replica("slow", HOURS_BEHIND);
    private final Token token = TestTokens.issuedAt(SECOND).token();
    private final Token brief =
            TestTokens.issuedAt(SECOND).expiresAt(SECOND.plusSeconds(600)).token();

    private static boolean isUsable(World world) {
        return world.guardian.tokenStatus().isUsable();
    }

    @Test
    void aSearchForAnOldTokenIsRepeatedAfterAMinute() {
        World world = missed(right).read(token);

        world.runFor(LONG_PAUSE.minusMillis(1));
        assertThat(isUsable(world)).isFalse();
        world.runFor(ALMOST_AT_ONCE);

        assertThat(isUsable(world)).isTrue();
    }

    /** Makes a world in which the first search reaches only {@code slow}. */
    private World missed(Replica... next) {
        List<Replica> replicas = new ArrayList<>(Collections.nCopies(Search.AT_ONCE, slow));
        replicas.addAll(List.of(next));
        return World.of(replicas.toArray(Replica[]::new));
    }

    @Test
    void aSearchIsRepeatedAfterAProbeThatFailedUnexpectedly() {
        World world = missed(slow, right).read(token);
        slow.broken = true;
        assertThatThrownBy(() -> world.runFor(ALMOST_AT_ONCE)).hasMessageContaining("broken");
        slow.broken = false;

        world.runFor(LONG_PAUSE.plus(ALMOST_AT_ONCE));

        assertThat(isUsable(world)).isTrue();
    }

    /** 24 connections, then one a minute. */
    @Test
    void aSingleReplicaIsSearchedOnceAMinute() {
        World world = World.of(slow).read(token);
        world.runFor(Duration.ofSeconds(14));
        assertThat(world.apiServer.connections).isEqualTo(Search.AT_ONCE);

        world.runFor(Duration.ofMinutes(61).minusSeconds(14));

        assertThat(world.apiServer.connections).isBetween(Search.AT_ONCE + 60, Search.AT_ONCE + 61);
        assertThat(world.apiServer.open).isLessThanOrEqualTo(3);
    }

    @Test
    void aTokenExpiredOnEveryClockIsProbedAfterTheRefusalPauseOnly() {
        Replica fast = new Replica("fast", Duration.ofSeconds(700));
        Replica fast2 = new Replica("fast2", Duration.ofSeconds(800));
        World world = World.of(fast, fast2).read(brief).runFor(Duration.ofMinutes(1));
        world.apiServer.asked.clear();

        world.runFor(Duration.ofMinutes(30));

        assertThat(isUsable(world)).isFalse();
        assertThat(world.apiServer.asked).hasSizeLessThanOrEqualTo(30 + 70); // the search, and the kept connection
        assertThat(world.apiServer.asked.stream().map(Probe::connection).distinct())
                .hasSizeLessThanOrEqualTo(30 + 3);
    }
}
