package io.tokenguardian.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.proxy.Tokens;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The API servers of a fleet: one handshake a second each, and one request at a time. */
class FleetNetworkTest {
    private static final Instant BEGIN = Instant.parse("2026-03-01T12:00:00Z");
    private static final FleetSize SIZE = new FleetSize(1, 1, 1, 1, 1, Duration.ofSeconds(1));

    private final SimulatedTime time = new SimulatedTime(BEGIN);
    private final FleetNetwork network = new FleetNetwork(time, SIZE, new SplittableRandom(1));
    private final List<String> results = new ArrayList<>();
    private final List<FleetConnection> connections = new ArrayList<>();

    private void connect(int attempts, int timeoutSeconds) {
        network.connect(attempts, Duration.ofSeconds(timeoutSeconds), new FleetNetwork.Client() {
            @Override
            public void onConnected(FleetConnection connection) {
                connections.add(connection);
                note("connected");
            }

            @Override
            public void onFailed(boolean silent) {
                note(silent ? "silent" : "refused");
            }
        });
    }

    private void note(String result) {
        results.add(result + " " + Duration.between(BEGIN, time.now()).toSeconds());
    }

    private Stream<FleetReplica> others() {
        return network.replicas.stream().skip(1);
    }

    @Test
    void aHandshakeWaitsForThoseBeforeIt() {
        others().forEach(FleetReplica::stop);
        time.advance(FleetReplica.ENDPOINT_GOES_AFTER);
        results.clear();
        Stream.of(1, 2, 3).forEach(each -> connect(1, 5));

        time.advance(Duration.ofSeconds(10));

        assertThat(results).containsExactly("connected 16", "connected 17", "connected 18");
    }

    @Test
    void aHandshakeThatTakesTooLongFailsAndKeepsItsPlace() {
        others().forEach(FleetReplica::stop);
        time.advance(FleetReplica.ENDPOINT_GOES_AFTER);
        connect(1, 5);
        connect(1, 1);
        connect(1, 5);

        time.advance(Duration.ofSeconds(10));

        assertThat(results).containsExactly("silent 16", "connected 16", "connected 18");
    }

    @Test
    void aConnectionIsRefusedIfEachAttemptGoesToAReplicaThatIsDown() {
        network.replicas.forEach(FleetReplica::stop);

        connect(2, 5);
        time.advance(Duration.ofSeconds(1));

        assertThat(results).containsExactly("refused 0");
    }

    @Test
    void anAttemptThatIsRefusedIsFollowedByAnother() {
        network.replicas.get(0).stop();

        Stream.generate(() -> 20).limit(3).forEach(attempts -> connect(attempts, 5));
        time.advance(Duration.ofSeconds(4));

        assertThat(results).hasSize(3).allMatch(result -> result.startsWith("connected"));
    }

    @Test
    void aReplicaThatEndsResetsItsConnections() {
        connect(1, 5);
        time.advance(Duration.ofSeconds(2));
        connections.get(0).onReset(() -> note("reset"));

        network.replicas.forEach(FleetReplica::stop);

        assertThat(results).containsExactly("connected 1", "reset 2");
        assertThat(connections.get(0).isOpen()).isFalse();
    }

    @Test
    void theSecondRequestAtATimeGets429() {
        Token token = Tokens.issuedAt(BEGIN);
        connect(1, 5);
        time.advance(Duration.ofSeconds(2));

        connections.get(0).send(token, reply -> note(reply.status() + " " + reply.marked()));
        connections.get(0).send(token, reply -> note(reply.status() + " " + reply.marked()));
        time.advance(Duration.ofSeconds(1));

        assertThat(results).containsExactly("connected 1", "200 true 2", "429 true 2");
    }

    @Test
    void aTokenIsAcceptedSinceTheLastClockHasReachedItsWindow() {
        Token token = Tokens.issuedAt(BEGIN.plusSeconds(100));
        network.replicas.get(1).setClock(Duration.ofSeconds(-20));

        time.advance(Duration.ofSeconds(59));
        Instant before = network.acceptedSince(token, BEGIN);
        time.advance(Duration.ofSeconds(1));

        assertThat(before).isNull();
        assertThat(network.acceptedSince(token, BEGIN)).isEqualTo(BEGIN.plusSeconds(60));
    }

    @Test
    void aTokenIsAcceptedSinceTheRightKeysAreBack() {
        Token token = Tokens.issuedAt(BEGIN);
        network.replicas.get(1).setKeys(false);
        time.advance(Duration.ofSeconds(10));
        Instant before = network.acceptedSince(token, BEGIN);

        network.replicas.get(1).setKeys(true);
        time.advance(Duration.ofSeconds(10));

        assertThat(before).isNull();
        assertThat(network.acceptedSince(token, BEGIN)).isEqualTo(BEGIN.plusSeconds(10));
    }

    @Test
    void noTokenIsAcceptedWhileAllAreDown() {
        network.replicas.forEach(FleetReplica::stop);

        assertThat(network.acceptedSince(Tokens.issuedAt(BEGIN), BEGIN)).isNull();
    }
}
