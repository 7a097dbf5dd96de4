package io.tokenguardian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.guardian.Patience;
import io.tokenguardian.guardian.Situation;
import io.tokenguardian.guardian.Situations;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class VigilTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration STANDS = Duration.ofSeconds(10);

    private final SimulatedTime time = new SimulatedTime(NOON);
    private final Vigil vigil = new Vigil(new Patience(NOON.plusSeconds(60), STANDS), time.timeline());

    @Test
    void anAcceptedTokenThatIsThereAlreadyEndsIt() throws Exception {
        Situation accepted = tell(new Verdict.Accepted(NOON, null));

        assertThat(vigil.await()).isEqualTo(accepted);
    }

    @Test
    void anAcceptanceThatComesWhileItWaitsEndsIt() throws Exception {
        tell(new Verdict.Unreachable("no answer"));
        FutureTask<Situation> waiting = new FutureTask<>(vigil::await);
        Thread thread = new Thread(waiting, "vigil");
        thread.setDaemon(true);
        thread.start();

        Situation accepted = tell(new Verdict.Accepted(NOON, null));

        assertThat(waiting.get()).isEqualTo(accepted);
    }

    @Test
    void atTheDeadlineItEndsWithWhatIsSo() throws Exception {
        Situation unreachable = tell(new Verdict.Unreachable("no answer"));
        time.advance(Duration.ofSeconds(60));

        assertThat(vigil.await()).isEqualTo(unreachable);
    }

    @Test
    void pendingDoesNotReplaceWhatWasSaidBeforeIt() throws Exception {
        Situation unreadable = tell(new Verdict.Unreadable("no file"));
        tell(new Verdict.Pending());
        time.advance(Duration.ofSeconds(60));

        assertThat(vigil.await()).isEqualTo(unreadable);
    }

    @Test
    void nothingButPendingIsPending() throws Exception {
        Situation pending = tell(new Verdict.Pending());
        time.advance(Duration.ofSeconds(60));

        assertThat(vigil.await()).isEqualTo(pending);
    }

    @Test
    void aRefusalStandsFromItsFirstVerdictOn() throws Exception {
        tell(new Verdict.Refused(Situations.ADDRESS));
        time.advance(STANDS);

        Situation expired = tell(new Verdict.Expired(Situations.ADDRESS, NOON));

        assertThat(vigil.await()).isEqualTo(expired);
    }

    @Test
    void anotherTokensRefusalBeginsToStandAnew() throws Exception {
        Token first = TestTokens.issuedAt(NOON).token();
        Token second = TestTokens.issuedAt(NOON).token();
        vigil.accept(Situations.of(time.now(), new Verdict.Refused(Situations.ADDRESS), first));
        time.advance(STANDS);

        vigil.accept(Situations.of(time.now(), new Verdict.Pending(), second));
        vigil.accept(Situations.of(time.now(), new Verdict.Refused(Situations.ADDRESS), second));

        assertThat(vigil.ends(time.now())).isEqualTo(time.now().plus(STANDS));
    }

    private Situation tell(Verdict verdict) {
        Situation situation = Situations.of(time.now(), verdict);
        vigil.accept(situation);
        return situation;
    }
}
