package io.tokenguardian.guardian;

import static io.tokenguardian.guardian.World.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.ForwardingProbeConnection;
import io.tokenguardian.apiserver.ProbeConnection;
import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.guardian.ProbeConnections.Ended;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.token.TestTokens;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A round of three replicas. Times are in milliseconds after the first probe. */
class ProbeConnectionsTest implements ApiServer {
    private static final int NEVER = 1_000_000;

    private final SimulatedTime time = new SimulatedTime(NOON);
    private final List<Replica> replicas = new ArrayList<>();
    private final List<SimulatedApiServer> servers = new ArrayList<>();
    private final List<String> silent = new ArrayList<>();
    private String responded = "";
    private int results;
    private final ProbeConnections connections =
            new ProbeConnections(TestTokens.issuedAt(NOON).token(), this, () -> results++);

    /** Sets how long each replica takes to respond. */
    private void responding(int... after) {
        for (int millis : after) {
            Replica replica = new Replica("certificate", Duration.ZERO);
            replica.takes = Duration.ofMillis(millis);
            SimulatedApiServer server = new SimulatedApiServer(time, List.of(replica), () -> 0, () -> Duration.ZERO);
            server.address = "replica-" + replicas.size();
            replicas.add(replica);
            servers.add(server);
        }
    }

    @Override
    public List<ApiServer> round() {
        return servers.stream().map(this::recording).toList();
    }

    private ApiServer recording(SimulatedApiServer server) {
        return () -> new ForwardingProbeConnection(server.open()) {
            @Override
            public boolean hasAccepted() {
                return responded.equals(address());
            }

            @Override
            public void reportSilence() {
                silent.add(address());
            }
        };
    }

    @Override
    public ProbeConnection open() {
        throw new UnsupportedOperationException();
    }

    private void open(int count) {
        for (int i = 0; i < count; i++) {
            connections.openNew(time.now());
        }
    }

    private static Instant at(long millis) {
        return NOON.plusMillis(millis);
    }

    private Ended takeAt(long millis) {
        time.advanceTo(at(millis));
        return Objects.requireNonNull(connections.take());
    }

    @Test
    void eachRoundReachesTheReplicasThatAreThenKnown() {
        responding(NEVER, NEVER);
        open(2);
        responding(NEVER);
        open(4);

        assertThat(servers).extracting(server -> server.connections).containsExactly(3, 2, 1);
    }

    @Test
    void resultsAreTakenInTheOrderOfTheirArrival() {
        responding(30, 20, NEVER);
        open(3);
        assertThat(connections.nextResult()).isEqualTo(Instant.MAX);
        assertThat(connections.take()).isNull();
        time.advanceTo(at(30));

        assertThat(connections.nextResult()).isEqualTo(at(20));
        assertThat(takeAt(30).connection()).isEqualTo(1);
        assertThat(takeAt(30).connection()).isZero();
    }

    @Test
    void aFailureOfThisProgramIsTakenFirstAndLeavesNoConnection() {
        responding(10, 20, NEVER);
        replicas.get(1).broken = true;
        open(3);
        time.advanceTo(at(20));

        assertThat(connections.nextResult()).isEqualTo(Instant.MIN);
        assertThatThrownBy(connections::take).hasRootCauseMessage("broken");
        assertThat(takeAt(20).connection()).isZero();
        connections.close();
        assertThat(servers).allMatch(server -> server.open == 0);
        assertThat(connections.awaited()).isZero();
    }

    @Test
    void aSilentReplicaIsPassedOverAndItsResultIsLate() {
        responding(500, 10, NEVER);
        open(2);
        assertThat(connections.nextPassOver()).isEqualTo(Instant.MAX);
        assertThat(takeAt(10).late()).isFalse();

        assertThat(connections.passOver(at(209))).isNull();
        assertThat(connections.passOver(at(210))).isEqualTo("replica-0");
        assertThat(connections.passOver(at(210))).isNull();
        assertThat(connections.awaited()).isZero();
        assertThat(silent).containsExactly("replica-0");
        assertThat(takeAt(500).late()).isTrue();
        assertThat(results).isEqualTo(2);
    }

    @Test
    void allProbesOfASilentReplicaArePassedOverTogether() {
        responding(NEVER, 10, NEVER);
        open(2);
        takeAt(10);
        open(2);

        assertThat(connections.passOver(at(210))).isEqualTo("replica-0");
        assertThat(connections.awaited()).isEqualTo(1);
    }

    /** Or as much as it took until the first response, if that is more. */
    @ParameterizedTest
    @CsvSource({"10, 210", "200, 400", "201, 402"})
    void aReplicaHas200MillisecondsAfterAnotherResponds(int response, long silentFrom) {
        responding(NEVER, response, 900);
        open(3);
        takeAt(response);
        takeAt(900);

        assertThat(connections.nextPassOver()).isEqualTo(at(silentFrom));
        responded = "replica-0";
        assertThat(connections.nextPassOver()).isEqualTo(Instant.MAX);
    }

    /** On a slow network, a response to an earlier probe does not show that another replica is silent. */
    @Test
    void onlyTheResponseOverALaterNewConnectionPassesOverAReplica() {
        responding(1, NEVER, 10);
        replicas.get(2).instead = new ProbeOutcome.Unreachable("connection refused");
        open(1);
        time.advanceTo(at(1));
        open(2);
        takeAt(1);
        connections.probeAgain(0, at(1));
        takeAt(2);
        takeAt(11);

        assertThat(connections.nextPassOver()).isEqualTo(Instant.MAX);
    }

    @Test
    void aKnownConnectionIsProbedAgainUntilItIsNotKept() {
        responding(10, 10, NEVER);
        open(2);
        assertThat(takeAt(10).isNew()).isTrue();
        takeAt(10);
        connections.probeAgain(0, at(10));
        assertThat(connections.awaited()).isZero();
        assertThat(takeAt(20)).extracting(Ended::connection, Ended::isNew).containsExactly(0, false);
        connections.probeAgain(0, at(20));
        open(1);

        connections.keep(connection -> connection == 1);

        assertThat(servers).extracting(server -> server.open).containsExactly(0, 1, 1);
        assertThat(connections.isBeingProbed(0)).isFalse();
    }

    @Test
    void afterStartingOverResultsAreLateAndANewRoundBegins() {
        responding(10, NEVER, NEVER);
        open(1);
        connections.startOver();
        open(1);

        assertThat(servers).extracting(server -> server.connections).containsExactly(2, 0, 0);
        assertThat(connections.awaited()).isEqualTo(1);
        assertThat(takeAt(20).late()).isTrue();
        assertThat(takeAt(20).late()).isFalse();
    }
}
