package io.tokenguardian.guardian;

import static io.tokenguardian.guardian.World.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.ProbeConnection;
import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.verdict.EndedProbe;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Connections to three replicas in turn. Times are in milliseconds after the first probe. */
class ProbeConnectionsTest implements ApiServer {
    private static final int NEVER = 1_000_000;

    private final SimulatedTime time = new SimulatedTime(NOON);
    private final List<Replica> replicas = new ArrayList<>();
    private final List<SimulatedApiServer> servers = new ArrayList<>();
    private int results;
    private int opened;
    private final ProbeConnections connections =
            new ProbeConnections(TestTokens.issuedAt(NOON).token(), this, () -> results++);

    /** Sets how long each replica takes to respond. */
    private void responding(int... after) {
        for (int millis : after) {
            Replica replica = new Replica("certificate", Duration.ZERO);
            replica.takes = Duration.ofMillis(millis);
            SimulatedApiServer server = new SimulatedApiServer(time, List.of(replica), () -> 0, () -> Duration.ZERO);
            replicas.add(replica);
            servers.add(server);
        }
    }

    @Override
    public ProbeConnection open() {
        return servers.get(opened++ % servers.size()).open();
    }

    private void open(int count) {
        for (int i = 0; i < count; i++) {
            connections.probe(ProbeConnections.NEW);
        }
    }

    private static Instant at(long millis) {
        return NOON.plusMillis(millis);
    }

    private EndedProbe takeAt(long millis) {
        time.advanceTo(at(millis));
        return Objects.requireNonNull(connections.take());
    }

    @Test
    void resultsAreTakenInTheOrderOfTheirArrival() {
        responding(30, 20, NEVER);
        open(3);
        assertThat(connections.hasResult()).isFalse();
        assertThat(connections.take()).isNull();
        time.advanceTo(at(30));

        assertThat(connections.hasResult()).isTrue();
        assertThat(takeAt(30).connection()).isEqualTo(1);
        assertThat(takeAt(30).connection()).isZero();
    }

    @Test
    void aFailureOfThisProgramLeavesNoConnection() {
        responding(20, 10, NEVER);
        replicas.get(1).broken = true;
        open(3);
        time.advanceTo(at(20));

        assertThatThrownBy(connections::take).hasRootCauseMessage("broken");
        assertThat(takeAt(20).connection()).isZero();
        connections.close();
        assertThat(servers).allMatch(server -> server.open == 0);
        assertThat(connections.awaited()).isZero();
    }

    @Test
    void aKnownConnectionIsProbedAgainUntilItIsNotKept() {
        responding(10, 10, NEVER);
        open(2);
        assertThat(takeAt(10).isNew()).isTrue();
        takeAt(10);
        connections.probe(0);
        assertThat(connections.awaited()).isZero();
        assertThat(takeAt(20))
                .extracting(EndedProbe::connection, EndedProbe::isNew)
                .containsExactly(0, false);
        connections.probe(0);
        open(1);

        connections.keep(connection -> connection == 1);

        assertThat(servers).extracting(server -> server.open).containsExactly(0, 1, 1);
        assertThat(connections.isBeingProbed(0)).isFalse();
    }
}
