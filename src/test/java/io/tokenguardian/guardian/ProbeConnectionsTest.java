package io.tokenguardian.guardian;

import static io.tokenguardian.guardian.World.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.verdict.EndedProbe;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Connections to three replicas in turn: a quick, a slow, and a silent replica. */
class ProbeConnectionsTest {
    private final SimulatedTime time = new SimulatedTime(NOON);
    private final Replica slow = responding(30);
    private final Replica quick = responding(20);
    private final SimulatedApiServer apiServer = SimulatedApiServer.inTurn(time, slow, quick, responding(1_000_000));
    private final ProbeConnections connections =
            new ProbeConnections(TestTokens.issuedAt(NOON).token(), apiServer, () -> {});

    private static Replica responding(int afterMillis) {
        Replica replica = new Replica("certificate", Duration.ZERO);
        replica.takes = Duration.ofMillis(afterMillis);
        return replica;
    }

    private void open(int count) {
        for (int i = 0; i < count; i++) {
            connections.probe(ProbeConnections.NEW);
        }
        time.advance(Duration.ofMillis(100));
    }

    private EndedProbe take() {
        return Objects.requireNonNull(connections.take());
    }

    @Test
    void resultsAreTakenInTheOrderOfTheirArrival() {
        assertThat(connections.hasResult()).isFalse();
        open(3);

        assertThat(connections.hasResult()).isTrue();
        assertThat(take().connection()).isEqualTo(1);
        assertThat(take().connection()).isZero();
        assertThat(connections.take()).isNull();
        assertThat(connections.awaited()).isEqualTo(1);
    }

    @Test
    void aFailureOfThisProgramLeavesNoConnection() {
        quick.broken = true;
        open(3);

        assertThatThrownBy(connections::take).hasRootCauseMessage("broken");
        assertThat(take().connection()).isZero();
        connections.close();
        assertThat(apiServer.open).isZero();
        assertThat(connections.awaited()).isZero();
    }

    @Test
    void aKnownConnectionIsProbedAgainUntilItIsNotKept() {
        open(2);
        assertThat(take().isNew()).isTrue();
        take();
        connections.probe(0);
        assertThat(connections.awaited()).isZero();
        time.advance(Duration.ofMillis(100));
        assertThat(take()).extracting(EndedProbe::connection, EndedProbe::isNew).containsExactly(0, false);
        connections.probe(0);
        open(1);

        connections.keep(connection -> connection == 1);

        assertThat(apiServer.open).isEqualTo(2);
        assertThat(connections.isBeingProbed(0)).isFalse();
        assertThat(connections.take())
                .as("the result of a connection that is not kept")
                .isNull();
    }
}
