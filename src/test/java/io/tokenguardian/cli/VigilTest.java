package io.tokenguardian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.guardian.Situation;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading.Present;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class VigilTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final String ADDRESS = "10.96.0.1:443";
    private final SimulatedTime time = new SimulatedTime(NOW);
    private final Vigil vigil = new Vigil(new Patience(NOW.plusSeconds(60), Duration.ofSeconds(10)), () -> time.now());
    private final Token token = TestTokens.issuedAt(NOW).token();

    @Test
    void anAcceptedTokenEndsTheVigil() throws InterruptedException {
        vigil.accept(situation(new Verdict.Accepted(NOW, null), token));

        assertThat(vigil.await().isAccepted()).isTrue();
    }

    @Test
    void aVerdictThatIsPassedThroughIsNotWhatThereIsToSay() throws InterruptedException {
        vigil.accept(situation(new Verdict.Unreachable("no answer"), token));
        vigil.accept(situation(new Verdict.Pending(), token));
        time.advance(Duration.ofSeconds(60));

        assertThat(vigil.await().verdict()).isEqualTo(new Verdict.Unreachable("no answer"));
    }

    @Test
    void aRefusalThatHasStoodLongEnoughEndsTheVigil() throws InterruptedException {
        vigil.accept(situation(new Verdict.Refused(ADDRESS), token));
        time.advance(Duration.ofSeconds(10));
        vigil.accept(situation(new Verdict.Refused(ADDRESS), token));

        assertThat(vigil.await().verdict()).isEqualTo(new Verdict.Refused(ADDRESS));
    }

    @Test
    void anotherTokensRefusalBeginsToStandAnew() throws InterruptedException {
        Token other = TestTokens.issuedAt(NOW.plusSeconds(1)).token();
        vigil.accept(situation(new Verdict.Refused(ADDRESS), token));
        time.advance(Duration.ofSeconds(10));
        vigil.accept(situation(new Verdict.Pending(), other));
        vigil.accept(situation(new Verdict.Refused(ADDRESS), other));
        vigil.accept(situation(new Verdict.Accepted(time.now(), null), other));

        assertThat(vigil.await().isAccepted()).isTrue();
    }

    private Situation situation(Verdict verdict, Token about) {
        return new Situation(time.now(), verdict, new Present(about, NOW), null, List.of(), false, Duration.ZERO);
    }
}
