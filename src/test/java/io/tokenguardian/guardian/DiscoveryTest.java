package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.DiscoveringApiServer;
import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ReplicaList;
import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.guardian.SimulatedApiServer.Probe;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.replica.ReplicaLedger;
import io.tokenguardian.token.LogRecords;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Acceptance when the replicas are discovered, some of them silent: all others must accept. The service connects only
 * to the first replica.
 */
class DiscoveryTest {
    private static final Token TOKEN =
            TestTokens.issuedAt(Instant.parse("2026-03-01T12:00:00Z")).token();

    /** How long a list is used while a listed replica does not respond. */
    private static final Duration SILENCE = Duration.ofSeconds(3);

    private static final Duration HOURS_BEHIND = Duration.ofHours(-2);

    private final SimulatedTime time = new SimulatedTime(World.NOON);
    private final List<Replica> replicas = new ArrayList<>();
    private final List<SimulatedApiServer> servers = new ArrayList<>();
    private SimulatedApiServer service = SimulatedApiServer.inTurn(time);
    private final DiscoveringApiServer discovering =
            new DiscoveringApiServer(() -> service.open(), address -> servers.get(address.port() - 1), time.timeline());

    @AutoClose
    private final LogRecords log = LogRecords.of("io.tokenguardian");

    @Test
    void aReplicaTheServiceNeverLeadsToDelaysAcceptance() {
        Replica slow = replica(Duration.ofSeconds(-90));
        World world = world(known(replica(), replica(), slow));

        world.read(TOKEN).runUntilAccepted();

        assertThat(time.now())
                .isBetween(
                        World.acceptableTo(slow, TOKEN),
                        World.acceptableTo(slow, TOKEN).plusMillis(100));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void everyReplicaIsProbedAtItsOwnAddressBeforeAcceptance(int count) {
        World world = world(count);

        world.read(TOKEN).runUntilAccepted();

        assertThat(servers)
                .hasSize(count)
                .allSatisfy(server -> assertThat(server.asked).hasSize(1));
        assertThat(world.apiServer.asked).hasSize(1);
    }

    /** The proxy sends requests only to the accepting replicas. */
    @Test
    void theOtherReplicasAreProbedOnceWhileASlowReplicaRefuses() {
        Replica one = replica();
        Replica slow = replica(Duration.ofSeconds(-90)); // the first to be probed at its own address
        Replica other = replica();
        World world = world(known(one, slow, other));

        world.read(TOKEN).runFor(Duration.ofSeconds(10));

        assertThat(world.verdict()).isInstanceOf(Verdict.NotYetValid.class);
        assertThat(servers.get(0).asked).hasSize(1);
        assertThat(servers.get(2).asked).hasSize(1);
    }

    @Test
    void atMost40ReplicasAreProbedAtATime() {
        for (int i = 0; i < 100; i++) {
            replica().takes = Duration.ofMillis(10 + i);
        }
        World world = world(0);
        AtomicInteger most = new AtomicInteger();
        world.onTokenStatus(tokenStatus -> most.accumulateAndGet(openConnections(), Math::max));

        world.read(TOKEN).runUntilAccepted();

        assertThat(most).hasValue(40);
    }

    private int openConnections() {
        return servers.stream().mapToInt(server -> server.open).sum();
    }

    @Test
    void confirmationsDecideWithoutPermissionToListAndThatIsLogged() {
        replica();
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
        World world = world(5);
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

    /**
     * Acceptances by the other replicas are not progress: the series of confirmations begins again each time. The
     * probes of several dead replicas fail at the same time. An acceptance after a failed probe may be the result of a
     * probe that was already under way.
     */
    @ParameterizedTest
    @CsvSource({"3, 2, 60, 0, 119", "3, 12, 60, 90, 120", "5, 13, 10, 0, 59"})
    void deadReplicasAreProbedWithPauses(int count, String dead, int seconds, int least, int most) {
        World world = world(count);
        silence(dead, Duration.ZERO);

        world.read(TOKEN).runFor(Duration.ofSeconds(seconds));

        assertThat(connections()).isBetween(least, most);
    }

    private Replica dead() {
        Replica dead = replica();
        silence(dead, Duration.ZERO);
        return dead;
    }

    /** From now on, a probe of the replica fails after this time. */
    private static void silence(Replica replica, Duration takes) {
        replica.instead = new ProbeOutcome.Unreachable("no answer");
        replica.takes = takes;
    }

    /** The digits of {@code which} are indexes of replicas. */
    private void silence(String which, Duration takes) {
        which.chars().forEach(each -> silence(replicas.get(each - '0'), takes));
    }

    /** A replica that hangs leaves the EndpointSlice after 17 s. Until then, each probe of it takes 5 s. */
    @Test
    void aReplicaThatHangsDelaysAcceptanceWhileItIsListed() {
        Replica live = replica();
        Replica other = replica();
        silence(replica(), Duration.ofSeconds(5));
        World world = world(0);
        world.read(TOKEN).runFor(Duration.ofMillis(15_900)); // just after its third probe
        assertThat(world.verdict()).isInstanceOf(Verdict.Unreachable.class);

        list(known(live, other));
        world.runUntilAccepted();

        assertThat(time.now()).isBefore(World.NOON.plusSeconds(17 + 5 + 1).plus(SILENCE));
    }

    @ParameterizedTest
    @CsvSource({
        "PT1H, 0",
        "PT1H, 1",
        "PT1H, 2",
        "PT1H, 02",
        "PT0S, 0",
        "PT0S, 1",
        "PT0S, 2",
        "PT0S, 12",
        "PT0S, 02",
    })
    void silentReplicasDoNotDelayARotation(Duration takes, String silent) {
        World world = world(3);
        world.read(issuedNow()).runUntilAccepted();
        silence(silent, takes);

        Token next = issuedNow(1);
        world.read(next).runFor(Duration.ofMillis(250));

        assertThat(world.guardian.tokenStatus().isAccepted()).isTrue();
        assertThat(world.current()).isEqualTo(next);
        assertThat(world.tokenSource.best()).isEqualTo(next);
    }

    /** The hanging replica is probed again before the slow replica responds. */
    @Test
    void onlyTheSlowReplicaOfThreeDelaysARotation() {
        Replica hanging = replica();
        Replica refusing = replica();
        Replica slow = replica();
        World world = world(known(hanging, refusing, slow));
        world.read(issuedNow()).runUntilAccepted();
        hanging.takes = Duration.ofHours(1);
        silence(refusing, Duration.ZERO);
        slow.takes = Duration.ofMillis(300);

        Token next = issuedNow(1);
        world.read(next).runFor(Duration.ofSeconds(3));

        assertThat(world.current()).isEqualTo(next);
    }

    /** The guardian does not wait for the late replica, which turns out to refuse the token. */
    @Test
    void aLateRefusalPutsThePreviousTokenBackInUse() {
        Replica late = replica();
        World world = world(known(replica(), replica(), late));
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
        Replica last = replica();
        World world = world(known(replica(), replica(), last));
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
        World world = world(3);
        world.read(issuedNow()).runUntilAccepted();
        replicas.forEach(replica -> replica.takes = Duration.ofDays(1));
        int before = connections();

        world.read(issuedNow(1)).runFor(Duration.ofSeconds(30));

        assertThat(connections() - before).isBetween(3, 4); // one probe may sample a clock
    }

    /** The list may wake the guardian's thread before the probe's result has arrived. */
    @Test
    void anAcceptanceThatComesAfterItsListMakesTheTokenUsable() {
        Replica dead = dead();
        replica(); // the replica behind the service
        World world = world(known(dead));
        discovering.onReplicaChange(() -> world.guardian.runOnce());

        world.read(TOKEN).runFor(Duration.ofSeconds(1));

        assertThat(world.tokenSource.usable()).containsExactly(TOKEN);
    }

    @Test
    void aProbeUnderWayWhenTheListChangesIsNotTreatedAsSilence() {
        Replica slow = replica();
        slow.takes = Duration.ofMillis(100);
        Replica late = replica();
        World world = world(known(late, slow));
        world.read(issuedNow()).runUntilAccepted();
        Replica coming = replica();
        server(coming);
        list(known(late, slow, coming));
        discovering.invalidateList();
        world.read(issuedNow(1)).runFor(Duration.ofSeconds(1));
        long before = listings();

        world.runFor(Duration.ofMinutes(3));

        assertThat(listings()).isEqualTo(before);
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
        silence(back, Duration.ofSeconds(10));

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
        silence(back, Duration.ofSeconds(1));

        world.read(next).runFor(Duration.ofMillis(4_500)); // no probe is under way at this time
        withoutKey.unknown.clear();
        comeBackBehind(back);
        world.runFor(Duration.ofSeconds(40));

        assertThat(world.guardian.rotations()).isZero();
    }

    /** Lists three replicas, given by their indexes in {@code replicas}, in this order. */
    private World threeInOrder(int first, int second, int third) {
        for (int i = 0; i < 3; i++) {
            replica();
        }
        return world(known(replicas.get(first), replicas.get(second), replicas.get(third)));
    }

    /** While one replica is passed over and another refuses, the other replicas accept several times. */
    @Test
    void aReplicaThatAcceptsTwiceDoesNotReplaceAnotherReplica() {
        Replica slow = replica();
        Replica withoutKey = replica();
        Replica back = replica();
        World world = world(known(slow, withoutKey, back, replica()));
        Token before = issuedNow(600);
        world.read(before).runUntilAccepted();
        slow.takes = Duration.ofMillis(640);
        silence(back, Duration.ZERO);
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
        Replica behind = replica();
        Replica back = replica();
        World world = world(known(back, behind, replica(), replica()));
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
        World world = world(3);
        world.read(issuedNow()).runUntilAccepted();
        silence("12", Duration.ofMillis(100));
        world.read(issuedNow(1)).runFor(Duration.ofMillis(50));
        silence("012", Duration.ZERO);
        int before = connections();

        world.runFor(Duration.ofSeconds(10));

        assertThat(connections() - before).isLessThan(40);
    }

    /** An acceptance by a replica with the refusing replica's certificate ends the pause that follows the refusal. */
    @Test
    void aRefusedTokenIsProbedWithPausesBesideARetryAfter() {
        Replica busy = replica();
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
        World world = world(known(replica(), replica()));
        Token before = issuedNow(600);
        world.read(before).runUntilAccepted();
        list(known(replicas.get(1), replicas.get(2), coming));
        discovering.invalidateList();

        world.read(issuedNow()).runFor(Duration.ofSeconds(1));

        assertThat(world.guardian.rotations()).isZero();
        assertThat(world.current()).isEqualTo(before);
    }

    private int connections() {
        return servers.stream().mapToInt(server -> server.connections).sum();
    }

    @Test
    void aRefusalIsFoundWhileTheProbeOfAnotherReplicaHangs() {
        Replica hanging = replica();
        Replica other = replica();
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
        Replica forgetful = replica();
        World world = world(known(replica(), replica(), forgetful));
        world.read(TOKEN).runUntilAccepted();

        forgetful.unknown.add(TOKEN);
        world.runFor(Duration.ofMinutes(2));

        assertThat(world.verdict()).isInstanceOf(Verdict.Refused.class);
    }

    @Test
    void aListedReplicaThatRefusesAndThenFailsIsProbedWithPauses() {
        Replica forgetful = replica();
        World world = world(known(replica(), replica(), forgetful));
        world.read(issuedNow()).runUntilAccepted();
        Token next = issuedNow(1);
        forgetful.unknown.add(next);
        world.read(next).runFor(Duration.ofSeconds(1));
        silence(forgetful, Duration.ZERO);
        int before = connections();

        world.runFor(Duration.ofSeconds(30));

        assertThat(connections() - before).isLessThan(100);
    }

    @Test
    void aRotatedTokenIsProbedAtTheLiveReplicaAmong800DeadReplicas() {
        for (int i = 0; i < 800; i++) {
            silence(replica(), Duration.ofSeconds(i % 2 == 0 ? 5 : 0));
        }
        replica();
        World world = world(0);
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
        Replica gone = replica();
        Replica coming = replica();
        World world = world(known(gone));
        world.read(TOKEN).runUntilAccepted();
        silence(gone, Duration.ZERO);
        list(known(coming));

        Token next = issuedNow();
        world.read(next).runFor(Duration.ofSeconds(10));

        assertThat(world.tokenSource.best()).isEqualTo(next);
    }

    /** Even replicas that are two hours behind accept this token. */
    private World worldOfSlowReplicas(int count) {
        for (int i = 0; i < count; i++) {
            replica(HOURS_BEHIND);
        }
        return world(0).read(issuedNow(10_800)).runUntilAccepted();
    }

    @Test
    void eachListedReplicaIsSearchedOnceForATokenThatAllRefuse() {
        World world = worldOfSlowReplicas(3);
        int before = connections();
        Token next = issuedNow();

        world.read(next).runFor(Duration.ofSeconds(10));

        assertThat(connections() - before).isEqualTo(3);
        assertThat(world.tokenSource.usable()).doesNotContain(next);
    }

    @Test
    void aReplicaThatIsListedLaterIsProbedAlthoughAllOthersRefuse() {
        World world = worldOfSlowReplicas(2);
        Token next = issuedNow();
        world.read(next).runFor(Duration.ofMinutes(5));

        server(replica());
        list(known(replicas.toArray(Replica[]::new)));
        probeAgain(world);

        assertThat(world.tokenSource.usable()).contains(next);
    }

    @Test
    void aTokenThatEveryListedReplicaRefusesIsNotUsable() {
        World world = world(2);
        world.read(TOKEN).runUntilAccepted();
        replicas.forEach(replica -> replica.offset = HOURS_BEHIND);
        int before = connections();

        world.guardian.recheck();
        world.runFor(Duration.ofMinutes(10));

        assertThat(world.tokenSource.usable()).isEmpty();
        // The replica that refused first gets two connections: one for that refusal, and one when its turn comes.
        assertThat(connections() - before).isEqualTo(2 + 1);
    }

    /** Another token's acceptance is the first of all. Before that, a silent replica prevents acceptance. */
    @Test
    void aTokenIsAcceptedOnceItsSilentReplicaIsSkipped() {
        replica().takes = Duration.ofMillis(5);
        dead();
        world(0);
        AtomicBoolean everAccepted = new AtomicBoolean();
        TokenProbe probe = new TokenProbe(
                new TokenReading.Present(TOKEN, World.NOON),
                World.RULES,
                discovering,
                new ReplicaLedger(),
                everAccepted::get,
                () -> false,
                () -> 0,
                () -> {});
        for (int i = 0; i < 4; i++) {
            probe.step(time.now(), true, answer -> {});
            time.advance(Duration.ofMillis(10));
        }
        assertThat(probe.verdict(time.now())).isInstanceOf(Verdict.Pending.class);

        everAccepted.set(true);

        assertThat(probe.nextStep(time.now(), true)).isEqualTo(time.now());
        assertThat(probe.step(time.now(), true, answer -> {})).isTrue();
        assertThat(probe.verdict(time.now())).isInstanceOf(Verdict.Accepted.class);
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
        Replica live = replica();
        Replica dead = dead();
        World world = world(known(live, dead));

        world.read(TOKEN).runFor(Duration.ofMinutes(1));

        assertThat(listings()).isBetween(60 / SILENCE.toSeconds() / 2, 60 / SILENCE.toSeconds() + 2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theListIsReadRarelyAgainAfterASilentReplicaRespondsOrLeaves(boolean leaves) {
        Replica live = replica();
        Replica late = replica();
        late.instead = new ProbeOutcome.Unavailable("503", null);
        World world = world(known(live, late));
        world.read(TOKEN).runFor(Duration.ofSeconds(20));
        long before = listings();
        assertThat(before).isGreaterThan(2);

        late.instead = leaves ? late.instead : null;
        list(leaves ? known(live) : known(live, late));
        world.runUntilAccepted();
        world.runFor(Duration.ofMinutes(9));

        assertThat(listings() - before).isLessThanOrEqualTo(3);
    }

    @Test
    void theListIsReadNoMoreOftenThanTheTokenIsProbed() {
        World world = world(2);
        world.read(TOKEN).runUntilAccepted();

        world.runFor(Duration.ofMinutes(14));

        assertThat(listings()).isLessThanOrEqualTo(1 + 14 / 4);
    }

    @Test
    void aListThatIsForbiddenForAWhileIsLoggedOnceEachWay() {
        Replica only = replica();
        World world = world(known(only));
        world.read(TOKEN).runUntilAccepted();

        list(new ReplicaList.Forbidden());
        probeAgain(world);
        probeAgain(world);
        boolean listedMeanwhile = discovering.replicas().count() > 0;
        list(known(only));
        probeAgain(world);
        probeAgain(world);

        assertThat(listedMeanwhile).isFalse();
        assertThat(discovering.replicas().count()).isPositive();
        assertThat(log.lines())
                .filteredOn(line -> line.contains("replicas="))
                .extracting(line -> line.substring(0, line.indexOf('=')))
                .containsExactly("INFO replicas", "WARN replicas", "INFO replicas");
    }

    @Test
    void aForbiddenListDoesNotDelayATokenForAReplicaThatIsGone() {
        Replica staying = replica();
        Replica gone = replica();
        World world = world(known(staying, gone));
        world.read(TOKEN).runUntilAccepted();
        list(new ReplicaList.Forbidden());
        probeAgain(world);
        silence(gone, Duration.ZERO);

        Token next = TestTokens.issuedAt(world.time.now().truncatedTo(ChronoUnit.SECONDS))
                .token();
        world.read(next).runFor(Duration.ofSeconds(10));

        assertThat(discovering.replicas().count()).isZero();
        assertThat(world.tokenSource.best()).isEqualTo(next);
    }

    private void probeAgain(World world) {
        discovering.invalidateList();
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
        Replica only = replica();
        World world = world(known(only));
        world.read(TOKEN).runUntilAccepted();
        SimulatedApiServer server = servers.get(0);
        server.onListing = () -> {
            server.onListing = () -> {};
            discovering.invalidateList();
        };
        probeAgain(world);
        long before = listings();

        world.guardian.recheck();
        world.runFor(Duration.ofSeconds(1));

        assertThat(listings()).isEqualTo(before + 1);
    }

    @Test
    void aNewReplicaThatRefusesEndsAcceptanceAtOnce() {
        World world = world(1);
        world.read(TOKEN).runUntilAccepted();
        Replica late = replica(Duration.ofMinutes(-2));
        server(late);

        list(known(replicas.get(0), late));
        discovering.invalidateList();
        world.guardian.recheck();
        world.runFor(Duration.ofSeconds(1));

        assertThat(world.verdict()).isInstanceOf(Verdict.NotYetValid.class);
    }

    @Test
    void anUnchangedListCausesNoAdditionalProbes() {
        World world = world(2);
        world.read(TOKEN).runUntilAccepted();
        long before = probes();

        discovering.invalidateList();
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

    private Replica replica() {
        return replica(Duration.ZERO);
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

    /** Lists this many further replicas with the right time, too. */
    private World world(int further) {
        for (int i = 0; i < further; i++) {
            replica();
        }
        return world(known(replicas.toArray(Replica[]::new)));
    }

    private World world(ReplicaList list) {
        replicas.forEach(this::server);
        // The service connects to the first replica that responds.
        service = SimulatedApiServer.inTurn(
                time,
                replicas.stream()
                        .filter(each -> each.instead == null)
                        .findFirst()
                        .orElse(replicas.get(0)));
        list(list);
        return new World(time, service, discovering);
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
