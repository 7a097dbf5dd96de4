package io.tokenguardian.guardian;

import static io.tokenguardian.guardian.World.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.guardian.SimulatedApiServer.Probe;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.guardian.SimulatedApiServer.Step;
import io.tokenguardian.replica.Answers;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.Search;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A token is usable as soon as one replica accepts it. */
class UsableTokenTest {
    private static final Instant SECOND = NOON.truncatedTo(ChronoUnit.SECONDS);
    private static final Duration ALMOST_AT_ONCE = Duration.ofMillis(100);
    private static final Duration LONG_PAUSE = Duration.ofMinutes(1);

    private final Replica right = new Replica("right", Duration.ZERO);
    private final Replica right2 = new Replica("right2", Duration.ZERO);
    private final Replica slow = new Replica("slow", Duration.ofMinutes(-3));
    private final Replica slow2 = new Replica("slow2", Duration.ofMinutes(-2));
    private final Replica fast = new Replica("fast", Duration.ofSeconds(700));
    private final Token token = TestTokens.issuedAt(SECOND).token();

    private final Replica hoursSlow = new Replica("hoursSlow", Duration.ofHours(-2));
    private final Token brief =
            TestTokens.issuedAt(SECOND).expiresAt(SECOND.plusSeconds(600)).token();

    private static boolean isUsable(World world) {
        return world.guardian.tokenStatus().isUsable();
    }

    @Test
    void aSearchThatFoundNoReplicaContinuesAfter100Milliseconds() {
        World world = World.of(after(slow, right)).read(token);

        world.runFor(ALMOST_AT_ONCE);
        assertThat(isUsable(world)).isFalse();
        world.runFor(ALMOST_AT_ONCE);

        assertThat(isUsable(world)).isTrue();
    }

    @Test
    void theFirstAcceptanceTimeStaysKnownDuringAFurtherSearch() {
        World world = World.of(slow, slow2).read(token);
        world.runFor(ALMOST_AT_ONCE);
        List<Boolean> known = new ArrayList<>();
        world.guardian.onTokenStatus(
                tokenStatus -> known.add(tokenStatus.usable().first() != null));

        world.runFor(Duration.ofSeconds(15));

        assertThat(known).containsOnly(true);
    }

    @Test
    void theTokenIsUsableWithin100MillisecondsOfItsAcceptanceTime() {
        World world = World.of(slow, slow2).read(token);
        Instant due = SECOND.plusSeconds(60);

        world.runFor(Duration.between(world.time.now(), due).minusMillis(1));
        assertThat(isUsable(world)).isFalse();
        world.runFor(ALMOST_AT_ONCE);

        assertThat(isUsable(world)).isTrue();
        assertThat(world.verdict()).isInstanceOf(Verdict.NotYetValid.class);
    }

    @Test
    void theTokenStaysUsableWhileOnlyOneReplicaCallsItExpired() {
        World world = World.of(right, right2, fast).read(brief);

        world.runFor(Duration.ofMinutes(3));

        assertThat(isUsable(world)).isTrue();
        assertThat(world.verdict()).isInstanceOf(Verdict.Expired.class);
    }

    @Test
    void aSilentServerIsSearchedWithPausesAfterAnExpiry() {
        right.instead = new ProbeOutcome.Unreachable("connection refused");
        World world = World.of(fast, right, right, right, right).read(brief);

        world.runFor(Duration.ofSeconds(1));

        assertThat(world.apiServer.asked).hasSizeLessThan(10);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 20})
    void theTokenIsNoLongerUsableAfterAllReplicasAreSetBack(int recheckAfterSeconds) {
        World world = World.of(right, right2).read(token).runUntilAccepted();
        Instant stepped = world.time.now();
        right.steps.add(new Step(stepped, Duration.ofSeconds(-200)));
        right2.steps.add(new Step(stepped, Duration.ofSeconds(-200)));

        world.runFor(Duration.ofSeconds(recheckAfterSeconds));
        world.guardian.onAnswer(Answers.refused(token, Finding.NOT_YET_VALID, false));
        world.runFor(ALMOST_AT_ONCE);

        assertThat(isUsable(world)).isFalse();
        assertThat(world.verdict()).isInstanceOf(Verdict.NotYetValid.class);
    }

    @Test
    void aTokenThatAllReplicasAcceptIsPreferredToARotatedToken() {
        Replica issuer = new Replica("issuer", Duration.ofMinutes(2));
        World world = World.of(issuer, right, right2).read(token).runUntilAccepted();
        Token rotated = TestTokens.issuedAt(SECOND.plusSeconds(120)).token();

        world.read(rotated).runFor(Duration.ofSeconds(1));

        assertThat(world.tokenSource.usable()).containsExactly(token, rotated);
    }

    @Test
    void theTokenThatFewerReplicasRefuseIsPreferredAtItsEnd() {
        Replica issuer = new Replica("issuer", Duration.ofMinutes(2));
        Token old = TestTokens.issuedAt(SECOND.minusSeconds(540))
                .expiresAt(SECOND.plusSeconds(60))
                .token();
        World world = World.of(issuer, right, right2).read(old).runFor(Duration.ofSeconds(1));
        Token rotated = TestTokens.issuedAt(SECOND.plusSeconds(120)).token();

        world.read(rotated).runFor(Duration.ofSeconds(20));

        assertThat(world.tokenSource.usable()).containsExactly(old, rotated);
        assertThat(world.guardian.tokenStatus().isAccepted()).isFalse();
    }

    @Test
    void eachReplicaIsShownToAcceptAtItsMomentWhileAnotherRefuses() {
        World world = demo();

        world.runFor(Duration.between(world.time.now(), SECOND.plusSeconds(12)));
        assertThat(accepting(world)).containsExactly("cp-2");
        world.runFor(ALMOST_AT_ONCE);

        assertThat(accepting(world)).containsExactly("cp-1", "cp-2");
    }

    /** Two replicas accept the token after 12 s and 10 s, the third after two minutes more. */
    private World demo() {
        return World.of(
                        new Replica("cp-1", Duration.ZERO),
                        new Replica("cp-2", Duration.ofSeconds(2)),
                        new Replica("cp-3", Duration.ofMinutes(-2)))
                .read(TestTokens.issuedAt(SECOND.plusSeconds(72)).token());
    }

    private static List<String> accepting(World world) {
        return world.guardian.tokenStatus().replicas().stream()
                .filter(replica -> replica.finding() == Finding.ACCEPTED)
                .map(replica -> Objects.requireNonNull(replica.certificate()))
                .toList();
    }

    @Test
    void aSearchForAnOldTokenIsRepeatedAfterAMinute() {
        World world = World.of(after(hoursSlow, right)).read(token);

        world.runFor(LONG_PAUSE.minusMillis(1));
        assertThat(isUsable(world)).isFalse();
        world.runFor(ALMOST_AT_ONCE);

        assertThat(isUsable(world)).isTrue();
    }

    @Test
    void aSearchIsRepeatedAfterAProbeThatFailedUnexpectedly() {
        World world = World.of(after(hoursSlow, hoursSlow, right)).read(token);
        hoursSlow.broken = true;
        assertThatThrownBy(() -> world.runFor(ALMOST_AT_ONCE)).hasMessageContaining("broken");
        hoursSlow.broken = false;

        world.runFor(LONG_PAUSE.plus(ALMOST_AT_ONCE));

        assertThat(isUsable(world)).isTrue();
    }

    /** 24 connections, then one a minute. */
    @Test
    void aSingleReplicaIsSearchedOnceAMinute() {
        World world = World.of(hoursSlow).read(token);
        world.runFor(Duration.ofSeconds(14));
        assertThat(world.apiServer.connections).isEqualTo(Search.AT_ONCE);

        world.runFor(Duration.ofMinutes(61).minusSeconds(14));

        assertThat(world.apiServer.connections).isBetween(Search.AT_ONCE + 60, Search.AT_ONCE + 61);
        assertThat(world.apiServer.open).isLessThanOrEqualTo(3);
    }

    @Test
    void aTokenExpiredOnEveryClockIsProbedAfterTheRefusalPauseOnly() {
        World world = World.of(fast, new Replica("fast2", Duration.ofSeconds(800)))
                .read(brief)
                .runFor(Duration.ofMinutes(1));
        world.apiServer.asked.clear();

        world.runFor(Duration.ofMinutes(30));

        assertThat(isUsable(world)).isFalse();
        assertThat(world.apiServer.asked).hasSizeLessThanOrEqualTo(30 + 70); // the search, and the kept connection
        assertThat(world.apiServer.asked.stream().map(Probe::connection).distinct())
                .hasSizeLessThanOrEqualTo(30 + 3);
    }

    /** Returns {@code first} as often as a search reaches it, then the others. */
    private static Replica[] after(Replica first, Replica... next) {
        return Stream.concat(Collections.nCopies(Search.AT_ONCE, first).stream(), Stream.of(next))
                .toArray(Replica[]::new);
    }
}
