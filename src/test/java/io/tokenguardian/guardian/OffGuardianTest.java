package io.tokenguardian.guardian;

import static io.tokenguardian.guardian.World.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.replica.Answers;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** A guardian that is off puts each token into use without a probe. */
class OffGuardianTest {
    private final SimulatedTime time = new SimulatedTime(NOON);
    private final TokenSource tokenSource = new TokenSource();
    private final Guardian guardian = Guardian.off(time.timeline(), tokenSource);

    @Test
    void aTokenThatNoReplicaAcceptsYetIsInUseAtOnce() {
        Token token = TestTokens.issuedAt(NOON.plus(Duration.ofHours(1))).token();

        Instant next = read(token);

        assertThat(tokenSource.best()).isEqualTo(token);
        assertThat(tokenSource.isAcceptedByEvery()).isTrue();
        assertThat(guardian.tokenStatus().off()).isTrue();
        assertThat(guardian.tokenStatus().isAccepted()).isTrue();
        assertThat(next).isEqualTo(Instant.MAX);
    }

    @Test
    void aRefusalObservedByTheProxyChangesNothing() {
        Token token = TestTokens.issuedAt(NOON).token();
        read(token);

        guardian.onAnswer(Answers.refused(token, Finding.REFUSED, false));
        Instant next = guardian.runOnce();

        assertThat(tokenSource.best()).isEqualTo(token);
        assertThat(next).isEqualTo(Instant.MAX);
    }

    @Test
    void theStatusExplainsAMissingToken() {
        guardian.onReading(new TokenReading.Unreadable("/token: no such file"));

        guardian.runOnce();

        assertThat(guardian.tokenStatus().verdict()).isInstanceOf(Verdict.Unreadable.class);
        assertThat(AcceptedBy.NOBODY.isMet(guardian.tokenStatus())).isTrue();
        assertThat(AcceptedBy.NOBODY.wasMet(guardian.tokenStatus())).isTrue();
    }

    private Instant read(Token token) {
        guardian.onReading(new TokenReading.Present(token, time.now()));
        return guardian.runOnce();
    }
}
