package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.DiscoveringApiServer;
import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ReplicaList;
import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.guardian.SimulatedApiServer.Probe;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.token.LogRecords;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Acceptance when the replicas are discovered, some of them silent: all others must accept. The service connects only
 * to the first replica.
 */
class DiscoveryTest {
    private static final Token TOKEN =
            TestTokens.issuedAt(Instant.parse("2026-03-01T12:00:00Z")).token();

    /** How long a list is used while a listed replica does not respond. */
    private static final Duration SILENCE = Duration.ofSeconds(3);

    private final SimulatedTime time = new SimulatedTime(World.NOON);
    private final List<Replica> replicas = new ArrayList<>();
    private final List<SimulatedApiServer> servers = new ArrayList<>();
    private SimulatedApiServer service = SimulatedApiServer.inTurn(time);

    @AutoClose
    private final LogRecords log = LogRecords.of("io.tokenguardian");

    @Test
    void aReplicaTheServiceNeverLeadsToDelaysAcceptance() {
        Replica slow = replica(Duration.ofSeconds(-90));
        World world = world(known(replica(Duration.ZERO), replica(Duration.ZERO), slow));

        world.read(TOKEN).runUntilAccepted();

        assertThat(time.now())
                .isBetween(
                        World.acceptableTo(slow, TOKEN),
                        World.acceptableTo(slow, TOKEN).plusMillis(100));
    }

    @Test
    void everyReplicaIsProbedAtItsOwnAddressBeforeAcceptance() {
        World world = world(
                known(replica(Duration.ZERO), replica(Duration.ZERO), replica(Duration.ZERO), replica(Duration.ZERO)));

        world.read(TOKEN).runUntilAccepted();

        assertThat(servers)
                .hasSize(4)
                .allSatisfy(server -> assertThat(server.asked).hasSize(1));
        assertThat(world.apiServer.asked).hasSize(1);
    }

    /** The proxy sends requests only to the accepting replicas. */
    @Test
    void theOtherReplicasAreProbedOnceWhileASlowReplicaRefuses() {
        Replica one = replica(Duration.ZERO);
        Replica slow = replica(Duration.ofSeconds(-90)); // the first to be probed at its own address
        Replica other = replica(Duration.ZERO);
        DiscoveringApiServer[] asked = new DiscoveringApiServer[1];
        World world = world(known(one, slow, other), asked);

        world.read(TOKEN).runFor(Duration.ofSeconds(10));

        assertThat(world.verdict()).isInstanceOf(Verdict.NotYetValid.class);
        assertThat(servers.get(0).asked).hasSize(1);
        assertThat(servers.get(2).asked).hasSize(1);
    }

    @Test
    void atMost40ReplicasAreProbedAtATime() {
        for (int i = 0; i < 100; i++) {
            replica(Duration.ZERO).takes = Duration.ofMillis(10 + i);
        }
        World world = world(known(replicas.toArray(Replica[]::new)));
        AtomicInteger most = new AtomicInteger();
        world.onTokenStatus(tokenStatus -> most.accumulateAndGet(openConnections(), Math::max));

        world.read(TOKEN).runUntilAccepted();

        assertThat(most).hasValue(40);
    }

    private int openConnections() {
        return servers.stream().mapToInt(server -> server.open).sum();
    }

    @Test
    void aSingleReplicaIsConfirmedByAProbeAtItsOwnAddress() {
        World world = world(known(replica(Duration.ZERO)));

        world.read(TOKEN).runUntilAccepted();

        assertThat(servers)
                .singleElement()
                .satisfies(server -> assertThat(server.asked).hasSize(1));
    }

    @Test
    void confirmationsDecideWithoutPermissionToListAndThatIsLogged() {
        replica(Duration.ZERO);
        World world = world(new ReplicaList.Forbidden());

        world.read(TOKEN).runUntilAccepted();
        world.runFor(Duration.ofHours(1));

        assertThat(world.apiServer.asked).filteredOn(DiscoveryTest::isAccepted).hasSizeGreaterThanOrEqualTo(3);
        assertThat(log.lines())
                .filteredOn(line -> line.startsWith("WARN"))
                .singleElement()
                .asString()
                .contains("k8s/rbac/discovery");
    }

    @Test
    void theClockOfEveryReplicaIsMeasuredOnceAMinute() {
        World world = world(known(
                replica(Duration.ZERO),
                replica(Duration.ZERO),
                replica(Duration.ZERO),
                replica(Duration.ZERO),
                replica(Duration.ZERO)));
        world.read(TOKEN).runUntilAccepted();

        for (int minute = 0; minute < 10; minute++) {
            Instant since = time.now();
            world.runFor(Duration.ofMinutes(1));

            assertThat(servers)
                    .hasSize(5)
                    .allSatisfy(server -> assertThat(server.asked)
                            .filteredOn(probe -> probe.at().isAfter(since))
                            .hasSizeBetween(1, 2));
        }
    }

    @Test
    void anUnreachableReplicaDelaysAcceptanceWhileItIsListed() {
        Replica live = replica(Duration.ZERO);
        Replica dead = replica(Duration.ZERO);
        dead.instead = new ProbeOutcome.Unreachable("no connection");
        DiscoveringApiServer[] asked = new DiscoveringApiServer[1];
        World world = world(known(live, dead), asked);
        world.read(TOKEN).runFor(Duration.ofMinutes(1));
        assertThat(world.verdict()).isInstanceOf(Verdict.Unreachable.class);

        list(known(live));
        asked[0].invalidateList();
        world.runFor(Duration.ofMinutes(1));

        assertThat(world.verdict()).isInstanceOf(Verdict.Accepted.class);
    }

    /** Acceptances by the other replicas are not progress: the series of confirmations begins again each time. */
    @Test
    void aDeadReplicaIsProbedWithPausesBeforeTheFirstAcceptance() {
        World world = world(known(replica(Duration.ZERO), replica(Duration.ZERO), dead()));

        world.read(TOKEN).runFor(Duration.ofMinutes(1));

        assertThat(connections()).isLessThan(120);
    }

    /** The probes of both replicas fail at the same time. */
    @Test
    void pausesForTwoDeadReplicasGrowAsForOne() {
        World world = world(known(replica(Duration.ZERO), dead(), dead()));

        world.read(TOKEN).runFor(Duration.ofMinutes(1));

        assertThat(connections()).isBetween(3 * 60 / 2, 120);
    }

    /** An acceptance after a failed probe may be the result of a probe that was already under way. */
    @Test
    void deadReplicasBetweenOthersAreProbedWithPauses() {
        World world =
                world(known(replica(Duration.ZERO), dead(), replica(Duration.ZERO), dead(), replica(Duration.ZERO)));

        world.read(TOKEN).runFor(Duration.ofSeconds(10));

        assertThat(connections()).isLessThan(60);
    }

    private Replica dead() {
        Replica dead = replica(Duration.ZERO);
        dead.instead = new ProbeOutcome.Unreachable("connection refused");
        return dead;
    }

    /** A replica that hangs leaves the EndpointSlice after 17 s. Until then, each probe of it takes 5 s. */
    @Test
    void aReplicaThatHangsDelaysAcceptanceWhileItIsListed() {
        Replica live = replica(Duration.ZERO);
        Replica other = replica(Duration.ZERO);
        Replica hanging = replica(Duration.ZERO);
        hanging.instead = new ProbeOutcome.Unreachable("no answer within 5 s");
        hanging.takes = Duration.ofSeconds(5);
        World world = world(known(live, other, hanging));
        world.read(TOKEN).runFor(Duration.ofMillis(15_900)); // just after its third probe
        assertThat(world.verdict()).isInstanceOf(Verdict.Unreachable.class);

        list(known(live, other));
        world.runUntilAccepted();

        assertThat(time.now()).isBefore(World.NOON.plusSeconds(17 + 5 + 1).plus(SILENCE));
    }

    @Test
    void aReplicaThatHangsDoesNotDelayARotation() {
        for (int hanging = 0; hanging < 3; hanging++) {
            assertRotationWhileReplicas(Duration.ofHours(1), hanging);
        }
    }

    @Test
    void twoReplicasThatHangDoNotDelayARotation() {
        assertRotationWhileReplicas(Duration.ofHours(1), 0, 2);
    }

    @Test
    void refusedConnectionsDoNotDelayARotation() {
        for (int refusing = 0; refusing < 3; refusing++) {
            assertRotationWhileReplicas(Duration.ZERO, refusing);
        }
        assertRotationWhileReplicas(Duration.ZERO, 1, 2);
        assertRotationWhileReplicas(Duration.ZERO, 0, 2);
    }

    /** The hanging replica is probed again before the slow replica responds. */
    @Test
    void onlyTheSlowReplicaOfThreeDelaysARotation() {
        Replica hanging = replica(Duration.ZERO);
        Replica refusing = replica(Duration.ZERO);
        Replica slow = replica(Duration.ZERO);
        World world = world(known(hanging, refusing, slow));
        world.read(issuedNow()).runUntilAccepted();
        hanging.takes = Duration.ofHours(1);
        refusing.instead = new ProbeOutcome.Unreachable("connection refused");
        slow.takes = Duration.ofMillis(300);

        Token next = issuedNow(1);
        world.read(next).runFor(Duration.ofSeconds(3));

        assertThat(world.current()).isEqualTo(next);
    }

    /** @param takes how long a probe of each silent replica takes to fail */
    private void assertRotationWhileReplicas(Duration takes, int... silent) {
        replicas.clear();
        servers.clear();
        World world = world(known(replica(Duration.ZERO), replica(Duration.ZERO), replica(Duration.ZERO)));
        world.read(issuedNow()).runUntilAccepted();
        for (int each : silent) {
            replicas.get(each).instead = new ProbeOutcome.Unreachable("no answer");
            replicas.get(each).takes = takes;
        }

        Token next = issuedNow(1);
        world.read(next).runFor(Duration.ofMillis(250));

        assertThat(world.guardian.tokenStatus().isAccepted()).isTrue();
        assertThat(world.current()).isEqualTo(next);
        assertThat(world.tokenSource.best()).isEqualTo(next);
    }

    /** The guardian does not wait for the late replica, which turns out to refuse the token. */
    @Test
    void aLateRefusalPutsThePreviousTokenBackInUse() {
        Replica late = replica(Duration.ZERO);
        World world = world(known(replica(Duration.ZERO), replica(Duration.ZERO), late));
        Token before = issuedNow(600);
        world.read(before).runUntilAccepted();
        late.takes = Duration.ofMillis(500);
        late.offset = Duration.ofMinutes(-1).minusSeconds(5);

        Token next = issuedNow();
        world.read(next).runFor(Duration.ofMillis(300));
        assertThat(world.current()).isEqualTo(next);
        world.runFor(Duration.ofMillis(300));

        assertThat(world.guardian.tokenStatus().isAccepted()).isTrue();
        assertThat(world.current()).isEqualTo(before);
        assertThat(world.candidate()).isEqualTo(next);
    }

    @Test
    void noReplicaIsPassedOverOnASlowNetwork() {
        Replica last = replica(Duration.ZERO);
        World world = world(known(replica(Duration.ZERO), replica(Duration.ZERO), last));
        Token before = issuedNow(600);
        world.read(before).runUntilAccepted();
        replicas.forEach(replica -> replica.takes = Duration.ofMillis(900));
        last.takes = Duration.ofSeconds(1);
        last.offset = Duration.ofMinutes(-1).minusSeconds(5);

        world.read(issuedNow()).runFor(Duration.ofSeconds(2));

        assertThat(world.guardian.rotations()).isZero();
        assertThat(world.current()).isEqualTo(before);
    }

    @Test
    void replicasThatAllHangAreProbedOnceEach() {
        World world = world(known(replica(Duration.ZERO), replica(Duration.ZERO), replica(Duration.ZERO)));
        world.read(issuedNow()).runUntilAccepted();
        replicas.forEach(replica -> replica.takes = Duration.ofDays(1));
        int before = connections();

        world.read(issuedNow(1)).runFor(Duration.ofSeconds(30));

        assertThat(connections() - before).isBetween(3, 4); // one probe may sample a clock
    }

    /** The list may wake the guardian's thread before the probe's result has arrived. */
    @Test
    void anAcceptanceThatComesAfterItsListMakesTheTokenUsable() {
        Replica dead = replica(Duration.ZERO);
        dead.instead = new ProbeOutcome.Unreachable("no connection");
        replica(Duration.ZERO); // the replica behind the service
        DiscoveringApiServer[] asked = new DiscoveringApiServer[1];
        World world = world(known(dead), asked);
        asked[0].onReplicaChange(() -> world.guardian.runOnce());

        world.read(TOKEN).runFor(Duration.ofSeconds(1));

        assertThat(world.tokenSource.usable()).containsExactly(TOKEN);
    }

    @Test
    void aProbeUnderWayWhenTheListChangesIsNotTreatedAsSilence() {
        Replica slow = replica(Duration.ZERO);
        slow.takes = Duration.ofMillis(100);
        Replica late = replica(Duration.ZERO);
        DiscoveringApiServer[] asked = new DiscoveringApiServer[1];
        World world = world(known(late, slow), asked);
        world.read(issuedNow()).runUntilAccepted();
        Replica coming = replica(Duration.ZERO);
        server(coming);
        list(known(late, slow, coming));
        asked[0].invalidateList();
        world.read(issuedNow(1)).runFor(Duration.ofSeconds(1));
        long before = listings();

        world.runFor(Duration.ofMinutes(3));

        assertThat(listings()).isEqualTo(before);
    }

    /** Only the turn with that probe fails. */
    @Test
    void aProbeThatFailsUnexpectedlyFailsOneTurn() {
        World world = world(known(replica(Duration.ZERO)));
        replicas.get(0).broken = true;
        world.read(TOKEN);
        assertThatThrownBy(() -> world.runFor(Duration.ofSeconds(1))).hasMessageContaining("broken");
        replicas.get(0).broken = false;

        world.runUntilAccepted();
    }

    @ParameterizedTest
    @CsvSource({"0, 1, 2", "0, 2, 1", "1, 0, 2", "1, 2, 0", "2, 0, 1", "2, 1, 0"})
    void aSilentReplicaIsAwaitedAgainAfterARefusalByAnother(int first, int second, int third) {
        World world = threeInOrder(first, second, third);
        Replica slow = replicas.get(0);
        Replica back = replicas.get(1);
        Token before = issuedNow(600);
        world.read(before).runUntilAccepted();
        slow.offset = Duration.ofSeconds(-90);
        back.instead = new ProbeOutcome.Unreachable("no answer");
        back.takes = Duration.ofSeconds(10);

        world.read(issuedNow()).runFor(Duration.ofSeconds(12));
        comeBackBehind(back);
        world.runFor(Duration.ofSeconds(40));

        assertThat(world.guardian.rotations()).isZero();
        assertThat(world.current()).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({"0, 1, 2", "0, 2, 1", "1, 0, 2", "1, 2, 0", "2, 0, 1", "2, 1, 0"})
    void aSilentReplicaIsAwaitedAgainAfterAnUnexplainedRefusal(int first, int second, int third) {
        World world = threeInOrder(first, second, third);
        Replica withoutKey = replicas.get(0);
        Replica back = replicas.get(1);
        Token before = issuedNow(600);
        world.read(before).runUntilAccepted();
        Token next = issuedNow();
        withoutKey.unknown.add(next);
        back.instead = new ProbeOutcome.Unreachable("no answer");
        back.takes = Duration.ofSeconds(1);

        world.read(next).runFor(Duration.ofMillis(4_500)); // no probe is under way at this time
        withoutKey.unknown.clear();
        comeBackBehind(back);
        world.runFor(Duration.ofSeconds(40));

        assertThat(world.guardian.rotations()).isZero();
    }

    /** Lists three replicas, given by their indexes in {@code replicas}, in this order. */
    private World threeInOrder(int first, int second, int third) {
        for (int i = 0; i < 3; i++) {
            replica(Duration.ZERO);
        }
        return world(known(replicas.get(first), replicas.get(second), replicas.get(third)));
    }

    /** While one replica is passed over and another refuses, the other replicas accept several times. */
    @Test
    void aReplicaThatAcceptsTwiceDoesNotReplaceAnotherReplica() {
        Replica slow = replica(Duration.ZERO);
        Replica withoutKey = replica(Duration.ZERO);
        Replica back = replica(Duration.ZERO);
        World world = world(known(slow, withoutKey, back, replica(Duration.ZERO)));
        Token before = issuedNow(600);
        world.read(before).runUntilAccepted();
        slow.takes = Duration.ofMillis(640);
        back.instead = new ProbeOutcome.Unreachable("connection refused");
        Token next = issuedNow();
        withoutKey.unknown.add(next);

        world.read(next).runFor(Duration.ofMillis(900));
        withoutKey.unknown.clear();
        world.runFor(Duration.ofMillis(500));
        comeBackBehind(back);
        world.runFor(Duration.ofSeconds(20));

        assertThat(world.guardian.rotations()).isZero();
    }

    /** The replica and its clock were paused. */
    @Test
    void aReplicaThatHasRefusedALaterProbeIsNotPassedOver() {
        Replica behind = replica(Duration.ZERO);
        Replica back = replica(Duration.ZERO);
        World world = world(known(back, behind, replica(Duration.ZERO), replica(Duration.ZERO)));
        Token before = issuedNow(600);
        world.read(before).runUntilAccepted();
        behind.offset = Duration.ofSeconds(-62);
        back.takes = Duration.ofDays(1);

        world.read(issuedNow()).runFor(Duration.ofMillis(1_600));
        comeBackBehind(back);
        world.runFor(Duration.ofSeconds(5));

        assertThat(world.guardian.rotations()).isZero();
    }

    private static void comeBackBehind(Replica silent) {
        silent.instead = null;
        silent.takes = Duration.ZERO;
        silent.offset = Duration.ofMinutes(-2);
    }

    @Test
    void probesHavePausesInAnOutageAfterAnAcceptance() {
        World world = world(known(replica(Duration.ZERO), replica(Duration.ZERO), replica(Duration.ZERO)));
        world.read(issuedNow()).runUntilAccepted();
        for (Replica replica : replicas.subList(1, 3)) {
            replica.instead = new ProbeOutcome.Unreachable("no answer");
            replica.takes = Duration.ofMillis(100);
        }
        world.read(issuedNow(1)).runFor(Duration.ofMillis(50));
        replicas.forEach(replica -> replica.instead = new ProbeOutcome.Unreachable("connection refused"));
        replicas.forEach(replica -> replica.takes = Duration.ZERO);
        int before = connections();

        world.runFor(Duration.ofSeconds(10));

        assertThat(connections() - before).isLessThan(40);
    }

    /** An acceptance by a replica with the refusing replica's certificate ends the pause that follows the refusal. */
    @Test
    void aRefusedTokenIsProbedWithPausesBesideARetryAfter() {
        Replica busy = replica(Duration.ZERO);
        Replica withoutKey = new Replica("shared", Duration.ZERO);
        Replica other = new Replica("shared", Duration.ZERO);
        replicas.addAll(List.of(withoutKey, other));
        World world = world(known(busy, withoutKey, other));
        world.read(issuedNow(600)).runUntilAccepted();
        busy.instead = new ProbeOutcome.Unavailable("429", Duration.ofSeconds(1));
        Token next = issuedNow();
        withoutKey.unknown.add(next);
        world.read(next).runFor(Duration.ofSeconds(15));
        int before = connections();

        world.runFor(Duration.ofSeconds(10));

        assertThat(connections() - before).isLessThan(60);
    }

    @Test
    void aNewReplicaOnTheRequestedListIsProbedBeforeAcceptance() {
        Replica coming = replica(Duration.ofMinutes(-2));
        DiscoveringApiServer[] asked = new DiscoveringApiServer[1];
        World world = world(known(replica(Duration.ZERO), replica(Duration.ZERO)), asked);
        Token before = issuedNow(600);
        world.read(before).runUntilAccepted();
        list(known(replicas.get(1), replicas.get(2), coming));
        asked[0].invalidateList();

        world.read(issuedNow()).runFor(Duration.ofSeconds(1));

        assertThat(world.guardian.rotations()).isZero();
        assertThat(world.current()).isEqualTo(before);
    }

    private int connections() {
        return servers.stream().mapToInt(server -> server.connections).sum();
    }

    @Test
    void aRefusalIsFoundWhileTheProbeOfAnotherReplicaHangs() {
        Replica hanging = replica(Duration.ZERO);
        Replica other = replica(Duration.ZERO);
        World world = world(known(hanging, other));
        world.read(TOKEN).runUntilAccepted();
        hanging.takes = Duration.ofHours(1);
        world.guardian.recheck();
        world.runFor(Duration.ofSeconds(1));
        world.guardian.recheck();
        other.unknown.add(TOKEN);

        world.runFor(Duration.ofSeconds(5));

        assertThat(world.verdict()).isInstanceOf(Verdict.Refused.class);
    }

    @Test
    void aListedReplicaThatForgetsTheTokenEndsItsAcceptance() {
        Replica forgetful = replica(Duration.ZERO);
        World world = world(known(replica(Duration.ZERO), replica(Duration.ZERO), forgetful));
        world.read(TOKEN).runUntilAccepted();

        forgetful.unknown.add(TOKEN);
        world.runFor(Duration.ofMinutes(2));

        assertThat(world.verdict()).isInstanceOf(Verdict.Refused.class);
    }

    @Test
    void aListedReplicaThatRefusesAndThenFailsIsProbedWithPauses() {
        Replica forgetful = replica(Duration.ZERO);
        World world = world(known(replica(Duration.ZERO), replica(Duration.ZERO), forgetful));
        world.read(issuedNow()).runUntilAccepted();
        Token next = issuedNow(1);
        forgetful.unknown.add(next);
        world.read(next).runFor(Duration.ofSeconds(1));
        forgetful.instead = new ProbeOutcome.Unreachable("connection refused");
        int before = connections();

        world.runFor(Duration.ofSeconds(30));

        assertThat(connections() - before).isLessThan(100);
    }

    @Test
    void aRotatedTokenIsProbedAtTheLiveReplicaAmong800DeadReplicas() {
        for (int i = 0; i < 800; i++) {
            Replica each = replica(Duration.ZERO);
            each.instead = new ProbeOutcome.Unreachable("no connection");
            each.takes = Duration.ofSeconds(i % 2 == 0 ? 5 : 0);
        }
        replica(Duration.ZERO);
        World world = world(known(replicas.toArray(Replica[]::new)));
        world.read(TOKEN).runFor(Duration.ofMinutes(2));

        Token next = issuedNow();
        world.read(next).runFor(Duration.ofMillis(10));

        assertThat(servers.get(800).asked).isNotEmpty();
        assertThat(world.guardian.tokenStatus().usable().tokens()).contains(next);
        int before = connections();

        Token last = issuedNow(1);
        world.read(last).runFor(Duration.ofSeconds(20));

        assertThat(connections() - before).isLessThan(5 * 801);
    }

    @Test
    void theListIsReadFromTheServiceIfNoListedReplicaResponds() {
        Replica gone = replica(Duration.ZERO);
        Replica coming = replica(Duration.ZERO);
        World world = world(known(gone));
        world.read(TOKEN).runUntilAccepted();
        gone.instead = new ProbeOutcome.Unreachable("no connection");
        list(known(coming));

        Token next = issuedNow();
        world.read(next).runFor(Duration.ofSeconds(10));

        assertThat(world.tokenSource.best()).isEqualTo(next);
    }

    private Token issuedNow() {
        return issuedNow(0);
    }

    /** Returns another token, issued {@code earlier} seconds ago. */
    private Token issuedNow(long earlier) {
        return TestTokens.issuedAt(time.now().truncatedTo(ChronoUnit.SECONDS).minusSeconds(earlier))
                .token();
    }

    @Test
    void theListIsReadEveryFewSecondsWhileAListedReplicaIsSilent() {
        Replica live = replica(Duration.ZERO);
        Replica dead = replica(Duration.ZERO);
        dead.instead = new ProbeOutcome.Unreachable("no connection");
        World world = world(known(live, dead));

        world.read(TOKEN).runFor(Duration.ofMinutes(1));

        assertThat(listings()).isBetween(60 / SILENCE.toSeconds() / 2, 60 / SILENCE.toSeconds() + 2);
    }

    @Test
    void theListIsReadRarelyAgainAfterASilentReplicaResponds() {
        Replica live = replica(Duration.ZERO);
        Replica late = replica(Duration.ZERO);
        late.instead = new ProbeOutcome.Unavailable("503", null);
        World world = world(known(live, late));
        world.read(TOKEN).runFor(Duration.ofSeconds(20));
        long before = listings();
        late.instead = null;
        world.runUntilAccepted();

        world.runFor(Duration.ofMinutes(9));

        assertThat(before).isGreaterThan(2);
        assertThat(listings() - before).isLessThanOrEqualTo(3);
    }

    @Test
    void theListIsReadNoMoreOftenThanTheTokenIsProbed() {
        World world = world(known(replica(Duration.ZERO), replica(Duration.ZERO)));
        world.read(TOKEN).runUntilAccepted();

        world.runFor(Duration.ofMinutes(14));

        assertThat(listings()).isLessThanOrEqualTo(1 + 14 / 4);
    }

    @Test
    void aSilentReplicaThatLeavesTheListIsForgotten() {
        Replica live = replica(Duration.ZERO);
        Replica dead = replica(Duration.ZERO);
        dead.instead = new ProbeOutcome.Unreachable("no connection");
        World world = world(known(live, dead));
        world.read(TOKEN).runFor(Duration.ofSeconds(20));
        list(known(live));
        world.runUntilAccepted();
        long before = listings();

        world.runFor(Duration.ofMinutes(9));

        assertThat(listings() - before).isLessThanOrEqualTo(3);
    }

    @Test
    void aListThatIsAllowedLaterIsReadAndLoggedOnce() {
        Replica only = replica(Duration.ZERO);
        DiscoveringApiServer[] asked = new DiscoveringApiServer[1];
        World world = world(new ReplicaList.Forbidden(), asked);
        world.read(TOKEN).runUntilAccepted();
        boolean listedBefore = asked[0].replicas().count() > 0;

        world.apiServer.list = known(only);
        list(known(only));
        probeAgain(world, asked[0]);
        probeAgain(world, asked[0]);

        assertThat(listedBefore).isFalse();
        assertThat(asked[0].replicas().count()).isPositive();
        assertThat(log.lines())
                .filteredOn(line -> line.contains("replicas="))
                .hasSize(2)
                .last()
                .asString()
                .startsWith("INFO replicas=[");
    }

    @Test
    void aListThatIsForbiddenForAWhileIsLoggedOnceEachWay() {
        Replica only = replica(Duration.ZERO);
        DiscoveringApiServer[] asked = new DiscoveringApiServer[1];
        World world = world(known(only), asked);
        world.read(TOKEN).runUntilAccepted();

        list(new ReplicaList.Forbidden());
        probeAgain(world, asked[0]);
        probeAgain(world, asked[0]);
        boolean listedMeanwhile = asked[0].replicas().count() > 0;
        list(known(only));
        probeAgain(world, asked[0]);
        probeAgain(world, asked[0]);

        assertThat(listedMeanwhile).isFalse();
        assertThat(asked[0].replicas().count()).isPositive();
        assertThat(log.lines())
                .filteredOn(line -> line.contains("replicas="))
                .extracting(line -> line.substring(0, line.indexOf('=')))
                .containsExactly("INFO replicas", "WARN replicas", "INFO replicas");
    }

    @Test
    void aForbiddenListDoesNotDelayATokenForAReplicaThatIsGone() {
        Replica staying = replica(Duration.ZERO);
        Replica gone = replica(Duration.ZERO);
        DiscoveringApiServer[] asked = new DiscoveringApiServer[1];
        World world = world(known(staying, gone), asked);
        world.read(TOKEN).runUntilAccepted();
        list(new ReplicaList.Forbidden());
        probeAgain(world, asked[0]);
        gone.instead = new ProbeOutcome.Unreachable("10.0.0.2:6443: no route to host");

        Token next = TestTokens.issuedAt(world.time.now().truncatedTo(ChronoUnit.SECONDS))
                .token();
        world.read(next).runFor(Duration.ofSeconds(10));

        assertThat(asked[0].replicas().count()).isZero();
        assertThat(world.tokenSource.best()).isEqualTo(next);
    }

    private static void probeAgain(World world, DiscoveringApiServer asked) {
        asked.invalidateList();
        world.guardian.recheck();
        world.runFor(Duration.ofSeconds(1));
    }

    private long listings() {
        return service.listed
                + servers.stream().mapToLong(server -> server.listed).sum();
    }

    /** The list that is being read may be older than the change. */
    @Test
    void theListIsReadAgainIfItChangesDuringTheRead() {
        Replica only = replica(Duration.ZERO);
        DiscoveringApiServer[] asked = new DiscoveringApiServer[1];
        World world = world(known(only), asked);
        world.read(TOKEN).runUntilAccepted();
        SimulatedApiServer server = servers.get(0);
        server.onListing = () -> {
            server.onListing = () -> {};
            asked[0].invalidateList();
        };
        probeAgain(world, asked[0]);
        long before = listings();

        world.guardian.recheck();
        world.runFor(Duration.ofSeconds(1));

        assertThat(listings()).isEqualTo(before + 1);
    }

    @Test
    void aNewReplicaThatRefusesEndsAcceptanceAtOnce() {
        DiscoveringApiServer[] asked = new DiscoveringApiServer[1];
        World world = world(known(replica(Duration.ZERO)), asked);
        world.read(TOKEN).runUntilAccepted();
        Replica late = replica(Duration.ofMinutes(-2));
        server(late);

        list(known(replicas.get(0), late));
        asked[0].invalidateList();
        world.guardian.recheck();
        world.runFor(Duration.ofSeconds(1));

        assertThat(world.verdict()).isInstanceOf(Verdict.NotYetValid.class);
    }

    @Test
    void anUnchangedListCausesNoAdditionalProbes() {
        DiscoveringApiServer[] asked = new DiscoveringApiServer[1];
        World world = world(known(replica(Duration.ZERO), replica(Duration.ZERO)), asked);
        world.read(TOKEN).runUntilAccepted();
        long before = probes();

        asked[0].invalidateList();
        world.guardian.recheck();
        world.runFor(Duration.ofSeconds(20));

        assertThat(probes()).isEqualTo(before + 1);
    }

    private long probes() {
        return servers.stream().mapToLong(server -> server.asked.size()).sum();
    }

    private static boolean isAccepted(Probe probe) {
        return probe.outcome() instanceof ProbeOutcome.Authenticated;
    }

    private Replica replica(Duration offset) {
        Replica replica = new Replica("certificate-" + replicas.size(), offset);
        replicas.add(replica);
        return replica;
    }

    private ReplicaList known(Replica... listed) {
        return new ReplicaList.Known(Stream.of(listed)
                .map(replica -> new ApiServerAddress("10.0.0.1", 1 + replicas.indexOf(replica), "kubernetes"))
                .toList());
    }

    private World world(ReplicaList list) {
        return world(list, new DiscoveringApiServer[1]);
    }

    private World world(ReplicaList list, DiscoveringApiServer[] asked) {
        replicas.forEach(this::server);
        // The service connects to the first replica that responds.
        service = SimulatedApiServer.inTurn(
                time,
                replicas.stream()
                        .filter(each -> each.instead == null)
                        .findFirst()
                        .orElse(replicas.get(0)));
        asked[0] = new DiscoveringApiServer(service, address -> servers.get(address.port() - 1), time.timeline());
        World world = new World(time, service, asked[0]);
        list(list);
        return world;
    }

    private void server(Replica replica) {
        SimulatedApiServer server = SimulatedApiServer.inTurn(time, replica);
        server.address = "10.0.0.1:" + (servers.size() + 1);
        servers.add(server);
    }

    private void list(ReplicaList list) {
        service.list = list;
        servers.forEach(server -> server.list = list);
    }
}
