package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.guardian.SimulatedApiServer.Probe;
import io.tokenguardian.guardian.SimulatedApiServer.Replica;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;

/** One-shot probes that need three confirmations. */
class OneShotProbeTest {
    private static final ProbeOutcome NO_ANSWER = new ProbeOutcome.Unreachable("10.96.0.1:443: connection refused");

    private final SimulatedTime time = new SimulatedTime(World.NOON);
    private final Token token =
            TestTokens.issuedAt(World.NOON.truncatedTo(ChronoUnit.SECONDS)).token();
    private final Replica good = new Replica("good", Duration.ZERO);
    private final Replica other = new Replica("other", Duration.ofMillis(300));
    private final Replica slow = new Replica("slow", Duration.ofSeconds(-135));
    private final Replica strange = new Replica("strange", Duration.ZERO);

    private SimulatedApiServer apiServer = SimulatedApiServer.inTurn(time, good);

    /**
     * A round trip takes a millisecond, so a connection and its probe take three. After the first connection, one
     * replica is known, and nine connections are opened at the same time. After a second replica is observed, eight
     * more are opened.
     */
    @Test
    void aTokenIsAcceptedAfterAFurtherReplicaIsUnlikely() {
        TokenStatus tokenStatus = survey(good, other, good);

        assertThat(tokenStatus.verdict()).isInstanceOf(Verdict.Accepted.class);
        assertThat(tokenStatus.everAccepted()).isTrue();
        assertThat(tokenStatus.reading()).isEqualTo(new TokenReading.Present(token, World.NOON));
        assertThat(apiServer.connections).isEqualTo(18);
        assertThat(apiServer.asked).hasSize(18);
        assertThat(apiServer.asked).extracting(Probe::connection).doesNotHaveDuplicates();
        assertThat(time.now()).isEqualTo(World.NOON.plusMillis(3 * 3));
    }

    @Test
    void anOldTokenNeedsOnlyTheConfirmations() {
        time.advance(Duration.ofMinutes(11));

        survey(good, other, good);

        assertThat(apiServer.asked).hasSize(3);
    }

    @Test
    void aReplicaThatRefusesDoesNotHideTheOthers() {
        TokenStatus tokenStatus = survey(slow, good, other);

        assertThat(tokenStatus.verdict()).isInstanceOf(Verdict.NotYetValid.class);
        assertThat(tokenStatus.replicas())
                .extracting(KnownReplica::certificate)
                .containsExactly("good", "other", "slow");
    }

    @Test
    void twoClocksBehindOneCertificateAreBothShown() {
        Replica ahead = new Replica("good", Duration.ofSeconds(5));
        time.advance(Duration.ofMinutes(11));

        TokenStatus tokenStatus = survey(good, ahead, ahead);

        assertThat(tokenStatus.replicas()).hasSize(2);
    }

    @Test
    void aSecondClockBehindOneCertificateNeedsMoreConnections() {
        survey(good, new Replica("good", Duration.ofSeconds(5)));

        assertThat(apiServer.asked).hasSize(18);
    }

    @Test
    void replicasThatDisagreeGetAtMostTwiceTheProbesAndARefusal() {
        strange.instead = new ProbeOutcome.Unauthorized();
        time.advance(Duration.ofMinutes(1));

        TokenStatus tokenStatus = survey(strange, good);

        assertThat(tokenStatus.verdict()).isInstanceOf(Verdict.Refused.class);
        assertThat(apiServer.asked).hasSizeBetween(18, 36);
    }

    @Test
    void anUnreachableServerEndsTheProbesAtOnce() {
        apiServer.instead = NO_ANSWER;

        TokenStatus tokenStatus = survey();

        assertThat(tokenStatus.verdict()).isEqualTo(new Verdict.Unreachable("10.96.0.1:443: connection refused"));
        assertThat(apiServer.asked).hasSize(1);
    }

    @Test
    void anUnreachableReplicaAfterAnAcceptanceEndsTheProbes() {
        strange.instead = NO_ANSWER;

        assertThat(survey(good, strange).verdict()).isInstanceOf(Verdict.Unreachable.class);

        assertThat(apiServer.asked).hasSize(1 + 9); // after an acceptance, nine probes are sent at the same time
    }

    @Test
    void noProbeIsSentWithoutAToken() {
        apiServer = SimulatedApiServer.inTurn(time, good);

        TokenStatus tokenStatus = new OneShotProbe(apiServer, World.RULES, time.timeline())
                .check(new TokenReading.Unreadable("token file /token is empty"));

        assertThat(tokenStatus.verdict()).isEqualTo(new Verdict.Unreadable("token file /token is empty"));
        assertThat(tokenStatus.token()).isNull();
        assertThat(tokenStatus.replicas()).isEmpty();
        assertThat(apiServer.asked).isEmpty();
    }

    @Test
    void noConnectionStaysOpen() {
        survey(slow, good, other);

        assertThat(apiServer.connections).isGreaterThan(3);
        assertThat(apiServer.open).isZero();
    }

    private TokenStatus survey(Replica... replicas) {
        if (replicas.length > 0) {
            apiServer = SimulatedApiServer.inTurn(time, replicas);
        }
        return new OneShotProbe(apiServer, World.RULES, time.timeline())
                .check(new TokenReading.Present(token, World.NOON));
    }
}
