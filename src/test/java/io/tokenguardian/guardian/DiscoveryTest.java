package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.DiscoveringApiServer;
import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ReplicaList;
import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.guardian.SimulatedApiServer.Asked;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Acceptance when the replicas are known: all of them have to accept. The network deals the first one alone. */
class DiscoveryTest {
    private static final Token TOKEN =
            TestTokens.issuedAt(Instant.parse("2026-03-01T12:00:00Z")).token();

    /** How long a list lasts while a replica on it does not answer. */
    private static final Duration SILENCE = Duration.ofSeconds(3);

    private final SimulatedTime time = new SimulatedTime(World.NOON);
    private final List<Replica> replicas = new ArrayList<>();
    private final List<SimulatedApiServer> servers = new ArrayList<>();
    private SimulatedApiServer service = SimulatedApiServer.inTurn(time);
    private final LogRecords log = LogRecords.of("io.tokenguardian");

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    void aReplicaThatTheNetworkNeverDealsHoldsAcceptanceBackUntilItAccepts() {
        Replica slow = replica(Duration.ofSeconds(-90));
        World world = world(known(replica(Duration.ZERO), replica(Duration.ZERO), slow));

        world.read(TOKEN).runUntilAccepted();

        assertThat(time.now())
                .isBetween(
                        World.acceptableTo(slow, TOKEN),
                        World.acceptableTo(slow, TOKEN).plusMillis(100));
    }

    @Test
    void everyReplicaIsAskedByItsOwnAddressBeforeAcceptance() {
        World world = world(
                known(replica(Duration.ZERO), replica(Duration.ZERO), replica(Duration.ZERO), replica(Duration.ZERO)));

        world.read(TOKEN).runUntilAccepted();

        assertThat(servers)
                .hasSize(4)
                .allSatisfy(server -> assertThat(server.asked).hasSize(1));
        assertThat(world.apiServer.asked).hasSize(1);
    }

    /** The proxy goes to those that accept. */
    @Test
    void whileTheVerdictWaitsForOneReplicaTheOthersAreAskedOnce() {
        Replica one = replica(Duration.ZERO);
        Replica slow = replica(Duration.ofSeconds(-90)); // the first that is asked by its own address
        Replica other = replica(Duration.ZERO);
        DiscoveringApiServer[] asked = new DiscoveringApiServer[1];
        World world = world(known(one, slow, other), asked);

        world.read(TOKEN).runFor(Duration.ofSeconds(10));

        assertThat(world.verdict()).isInstanceOf(Verdict.NotYetValid.class);
        assertThat(servers.get(0).asked).hasSize(1);
        assertThat(servers.get(2).asked).hasSize(1);
        assertThat(asked[0].discovered())
                .extracting(replica -> replica.accepts(TOKEN))
                .containsExactly(true, false, true);
    }

    @Test
    void aSingleReplicaIsConfirmedByOneQuestionOfItsOwn() {
        World world = world(known(replica(Duration.ZERO)));

        world.read(TOKEN).runUntilAccepted();

        assertThat(servers)
                .singleElement()
                .satisfies(server -> assertThat(server.asked).hasSize(1));
    }

    @Test
    void withoutPermissionTheConfirmationsDecideAndThatIsSaidOnce() {
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
                            .filteredOn(asked -> asked.at().isAfter(since))
                            .hasSizeBetween(1, 2));
        }
    }

    @Test
    void thatTheReplicasAreListedIsReported() {
        DiscoveringApiServer[] asked = new DiscoveringApiServer[1];
        World world = world(known(replica(Duration.ZERO)), asked);
        AtomicInteger calls = new AtomicInteger();
        asked[0].setListListener(calls::incrementAndGet);

        world.read(TOKEN).runUntilAccepted();

        assertThat(calls).hasValue(1);
    }

    @Test
    void thatTheReplicasMayNotBeListedIsNotReported() {
        replica(Duration.ZERO);
        DiscoveringApiServer[] asked = new DiscoveringApiServer[1];
        World world = world(new ReplicaList.Forbidden(), asked);
        AtomicInteger calls = new AtomicInteger();
        asked[0].setListListener(calls::incrementAndGet);

        world.read(TOKEN).runFor(Duration.ofHours(1));

        assertThat(calls).hasValue(0);
    }

    @Test
    void aReplicaThatDoesNotAnswerHoldsAcceptanceBackUntilItIsNoLongerListed() {
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

    /** EndpointSlice drops one that hangs after 17 s; each question to it takes a while meanwhile. */
    @Test
    void aReplicaThatHangsHoldsAcceptanceBackNoLongerThanTheListHasIt() {
        Replica live = replica(Duration.ZERO);
        Replica other = replica(Duration.ZERO);
        Replica hanging = replica(Duration.ZERO);
        hanging.instead = new ProbeOutcome.Unreachable("no answer within 5 s");
        hanging.takes = Duration.ofSeconds(5);
        World world = world(known(live, other, hanging));
        world.read(TOKEN).runFor(Duration.ofSeconds(17));
        assertThat(world.verdict()).isInstanceOf(Verdict.Unreachable.class);

        list(known(live, other));
        world.runUntilAccepted();

        assertThat(time.now()).isBefore(World.NOON.plusSeconds(17 + 5 + 1).plus(SILENCE));
    }

    @Test
    void whileAListedReplicaDoesNotAnswerTheListIsReadEveryFewSeconds() {
        Replica live = replica(Duration.ZERO);
        Replica dead = replica(Duration.ZERO);
        dead.instead = new ProbeOutcome.Unreachable("no connection");
        World world = world(known(live, dead));

        world.read(TOKEN).runFor(Duration.ofMinutes(1));

        assertThat(listings()).isBetween(60 / SILENCE.toSeconds() / 2, 60 / SILENCE.toSeconds() + 2);
    }

    @Test
    void onceItAnswersTheListLastsAgain() {
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
    void whileAllReplicasAnswerTheListIsReadNoMoreOftenThanTheTokenIsAskedAbout() {
        World world = world(known(replica(Duration.ZERO), replica(Duration.ZERO)));
        world.read(TOKEN).runUntilAccepted();

        world.runFor(Duration.ofMinutes(14));

        assertThat(listings()).isLessThanOrEqualTo(1 + 14 / 4);
    }

    @Test
    void aReplicaThatIsDroppedWhileItDoesNotAnswerIsForgotten() {
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
    void aListThatIsAllowedLaterIsReadAndThatIsReportedOnce() {
        Replica only = replica(Duration.ZERO);
        DiscoveringApiServer[] asked = new DiscoveringApiServer[1];
        World world = world(new ReplicaList.Forbidden(), asked);
        world.read(TOKEN).runUntilAccepted();
        boolean listedBefore = asked[0].isListingAllowed();

        world.apiServer.list = known(only);
        list(known(only));
        askAgain(world, asked[0]);
        askAgain(world, asked[0]);

        assertThat(listedBefore).isFalse();
        assertThat(asked[0].isListingAllowed()).isTrue();
        assertThat(log.lines())
                .filteredOn(line -> line.contains("replicas="))
                .hasSize(2)
                .last()
                .asString()
                .startsWith("INFO replicas=[");
    }

    @Test
    void aListThatIsForbiddenForAWhileIsReportedOnceEachWay() {
        Replica only = replica(Duration.ZERO);
        DiscoveringApiServer[] asked = new DiscoveringApiServer[1];
        World world = world(known(only), asked);
        world.read(TOKEN).runUntilAccepted();

        list(new ReplicaList.Forbidden());
        askAgain(world, asked[0]);
        askAgain(world, asked[0]);
        boolean listedMeanwhile = asked[0].isListingAllowed();
        list(known(only));
        askAgain(world, asked[0]);
        askAgain(world, asked[0]);

        assertThat(listedMeanwhile).isFalse();
        assertThat(asked[0].isListingAllowed()).isTrue();
        assertThat(log.lines())
                .filteredOn(line -> line.contains("replicas="))
                .extracting(line -> line.substring(0, line.indexOf('=')))
                .containsExactly("INFO replicas", "WARN replicas", "INFO replicas");
    }

    @Test
    void aListThatIsForbiddenLaterHoldsNoTokenBackForAReplicaThatHasGone() {
        Replica staying = replica(Duration.ZERO);
        Replica gone = replica(Duration.ZERO);
        DiscoveringApiServer[] asked = new DiscoveringApiServer[1];
        World world = world(known(staying, gone), asked);
        world.read(TOKEN).runUntilAccepted();
        list(new ReplicaList.Forbidden());
        askAgain(world, asked[0]);
        gone.instead = new ProbeOutcome.Unreachable("10.0.0.2:6443: no route to host");

        Token next = TestTokens.issuedAt(world.time.now().truncatedTo(ChronoUnit.SECONDS))
                .token();
        world.read(next).runFor(Duration.ofSeconds(10));

        assertThat(asked[0].replicas().count()).isZero();
        assertThat(world.tokenSource.best()).isEqualTo(next);
    }

    private static void askAgain(World world, DiscoveringApiServer asked) {
        asked.invalidateList();
        world.guardian.recheckSoon();
        world.runFor(Duration.ofSeconds(1));
    }

    private long listings() {
        return service.listed
                + servers.stream().mapToLong(server -> server.listed).sum();
    }

    /** The list may be from before the change. */
    @Test
    void aChangeThatIsReportedWhileTheListIsReadHasItReadAgain() {
        Replica only = replica(Duration.ZERO);
        DiscoveringApiServer[] asked = new DiscoveringApiServer[1];
        World world = world(known(only), asked);
        world.read(TOKEN).runUntilAccepted();
        SimulatedApiServer server = servers.get(0);
        server.onListing = () -> {
            server.onListing = () -> {};
            asked[0].invalidateList();
        };
        askAgain(world, asked[0]);
        long before = listings();

        world.guardian.recheckSoon();
        world.runFor(Duration.ofSeconds(1));

        assertThat(listings()).isEqualTo(before + 1);
    }

    @Test
    void aReplicaThatComesAndRefusesTakesAcceptanceAwayAtOnce() {
        DiscoveringApiServer[] asked = new DiscoveringApiServer[1];
        World world = world(known(replica(Duration.ZERO)), asked);
        world.read(TOKEN).runUntilAccepted();
        Replica late = replica(Duration.ofMinutes(-2));
        server(late);

        list(known(replicas.get(0), late));
        asked[0].invalidateList();
        world.guardian.recheckSoon();
        world.runFor(Duration.ofSeconds(1));

        assertThat(world.verdict()).isInstanceOf(Verdict.NotYetValid.class);
    }

    @Test
    void replicasThatStayTheSameAreNotAskedMoreOftenThanAnyOther() {
        DiscoveringApiServer[] asked = new DiscoveringApiServer[1];
        World world = world(known(replica(Duration.ZERO), replica(Duration.ZERO)), asked);
        world.read(TOKEN).runUntilAccepted();
        long before = questions();

        asked[0].invalidateList();
        world.guardian.recheckSoon();
        world.runFor(Duration.ofSeconds(20));

        assertThat(questions()).isEqualTo(before + 1);
    }

    private long questions() {
        return servers.stream().mapToLong(server -> server.asked.size()).sum();
    }

    private static boolean isAccepted(Asked asked) {
        return asked.outcome() instanceof ProbeOutcome.Authenticated;
    }

    private Replica replica(Duration offset) {
        Replica replica = new Replica("certificate-" + replicas.size(), offset);
        replicas.add(replica);
        return replica;
    }

    private ReplicaList known(Replica... listed) {
        return new ReplicaList.Known(Stream.of(listed)
                .map(replica -> new ApiServerAddress("10.0.0." + (1 + replicas.indexOf(replica)), 6443, "kubernetes"))
                .toList());
    }

    private World world(ReplicaList list) {
        return world(list, new DiscoveringApiServer[1]);
    }

    private World world(ReplicaList list, DiscoveringApiServer[] asked) {
        replicas.forEach(this::server);
        service = SimulatedApiServer.inTurn(time, replicas.get(0));
        asked[0] = new DiscoveringApiServer(
                service,
                address -> servers.get(address.host().charAt(address.host().length() - 1) - '1'),
                time.timeline());
        World world = new World(time, service, asked[0]);
        list(list);
        return world;
    }

    private void server(Replica replica) {
        servers.add(SimulatedApiServer.inTurn(time, replica));
    }

    private void list(ReplicaList list) {
        service.list = list;
        servers.forEach(server -> server.list = list);
    }
}
