package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ProbeConnection;
import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The order in which results over new connections are used, and when a silent replica is passed over. */
class SentProbesTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Instant FAR = NOON.plusSeconds(60);

    private final List<Connection> connections = new ArrayList<>();
    private final Token token = TestTokens.issuedAt(NOON).token();
    private final SentProbes sent = new SentProbes(token, new NewConnections(Connection::new), () -> {});

    @Test
    void aResultIsUsedAfterTheResultOfTheEarlierProbe() {
        send(0, 0);
        respond(1, 10);
        assertThat(sent.take(at(20), true)).isNull();

        respond(0, 30);

        assertThat(taken(30)).isEqualTo(0);
        assertThat(taken(30)).isEqualTo(1);
    }

    @Test
    void aSilentReplicaIsPassedOver200MillisecondsAfterAResponse() {
        send(0, 0);
        respond(1, 10);

        assertThat(sent.nextPassOver()).isEqualTo(at(210));
        assertThat(sent.passOver(at(209))).isNull();
        assertThat(sent.passOver(at(210))).isEqualTo("replica-0");
        assertThat(taken(210)).isEqualTo(1);
    }

    @Test
    void noReplicaIsPassedOverIfNoneResponds() {
        send(0, 0);

        assertThat(sent.nextPassOver()).isEqualTo(Instant.MAX);
    }

    /** On a slow network, a response to an earlier probe does not show that another replica is silent. */
    @Test
    void theResponseToAnEarlierProbePassesOverNoReplica() {
        send(0, 200);
        respond(0, 900);
        assertThat(taken(900)).isEqualTo(0);

        assertThat(sent.nextPassOver()).isEqualTo(Instant.MAX);
    }

    @Test
    void theResponseToASimultaneousProbePassesOverASilentReplica() {
        send(0, 0);
        respond(0, 10);
        assertThat(taken(10)).isEqualTo(0);

        assertThat(sent.passOver(at(210))).isEqualTo("replica-1");
    }

    @Test
    void aReplicaHasAsMuchTimeAsAnotherReplicaTook() {
        send(0, 0);
        respond(1, 900);

        assertThat(sent.nextPassOver()).isEqualTo(at(1800));
    }

    @Test
    void aReplicaWhoseAcceptanceWaitsForAListIsNotPassedOver() {
        send(0, 0);
        respond(1, 10);
        connections.get(0).responded = true;

        assertThat(sent.nextPassOver()).isEqualTo(Instant.MAX);
    }

    @Test
    void aFailureDoesNotCountAsAResponse() {
        send(0, 0);
        connections.get(1).result.complete(result(1, 10, new ProbeOutcome.Unreachable("no connection")));

        assertThat(sent.nextPassOver()).isEqualTo(Instant.MAX);
    }

    @Test
    void theResponseOfAReplicaThatWasPassedOverIsLate() {
        send(0, 0);
        respond(1, 10);
        sent.passOver(at(210));
        assertThat(taken(210)).isEqualTo(1);

        respond(0, 500);

        SentProbes.Ended late = Objects.requireNonNull(sent.take(at(500), true));
        assertThat(late.connection()).isEqualTo(0);
        assertThat(late.late()).isTrue();
    }

    @Test
    void theNextNewConnectionWaitsForTheResult() {
        send(0);

        assertThat(sent.nextNew(1)).isEqualTo(Instant.MAX);
        respond(0, 10);
        assertThat(taken(10)).isEqualTo(0);
        assertThat(sent.nextNew(1)).isEqualTo(Instant.MIN);
    }

    @Test
    void anotherReplicaIsProbedWhileTheFirstIsSilent() {
        send(0);

        assertThat(sent.nextNew(2)).isEqualTo(at(200));
        send(200);
        assertThat(sent.nextNew(2)).isEqualTo(Instant.MAX);
    }

    @Test
    void closeClosesTheConnectionsThatWerePassedOver() {
        send(0, 0);
        respond(1, 10);
        sent.passOver(at(210));

        sent.close();

        assertThat(connections).noneMatch(Connection::isOpen);
        assertThat(sent.take(FAR, true)).isNull();
    }

    private void send(long... millis) {
        for (long each : millis) {
            sent.sendNew(at(each));
        }
    }

    private static Instant at(long millis) {
        return NOON.plusMillis(millis);
    }

    private void respond(int connection, long millis) {
        ProbeOutcome accepted = new ProbeOutcome.Authenticated("somebody");
        connections.get(connection).result.complete(result(connection, millis, accepted));
    }

    private static ProbeResult result(int connection, long millis, ProbeOutcome outcome) {
        Instant at = at(millis);
        return new ProbeResult("replica-" + connection, outcome, null, List.of(), at, at, at);
    }

    private int taken(long millis) {
        return Objects.requireNonNull(sent.take(at(millis), true)).connection();
    }

    /** A connection whose result the test supplies. */
    private final class Connection implements ProbeConnection {
        final CompletableFuture<ProbeResult> result = new CompletableFuture<>();
        private final int number = connections.size();
        private boolean open = true;
        private boolean responded;

        Connection() {
            connections.add(this);
        }

        @Override
        public CompletableFuture<ProbeResult> probe(Token probed) {
            return result;
        }

        @Override
        public CompletableFuture<ProbeResult> reviewToken(Token bearer, Token reviewed, List<String> audiences) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String address() {
            return "replica-" + number;
        }

        @Override
        public boolean hasResponded() {
            return responded;
        }

        @Override
        public void connect() {}

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public void close() {
            open = false;
        }
    }
}
