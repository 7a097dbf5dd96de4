package io.tokenguardian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.SimulatedTime;
import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.guardian.WaitPolicy;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusWaitTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration STANDS = Duration.ofSeconds(10);

    private final SimulatedTime time = new SimulatedTime(NOON);
    private final StatusWait statusWait =
            new StatusWait(new WaitPolicy(NOON.plusSeconds(60), STANDS, AcceptedBy.EVERY), time.timeline());

    @Test
    void anAcceptedTokenThatIsThereAlreadyEndsIt() throws Exception {
        TokenStatus accepted = tell(new Verdict.Accepted(NOON, null));

        assertThat(statusWait.await()).isEqualTo(accepted);
    }

    @Test
    void anAcceptanceThatComesWhileItWaitsEndsIt() throws Exception {
        tell(new Verdict.Unreachable("no answer"));
        FutureTask<TokenStatus> waiting = new FutureTask<>(statusWait::await);
        Thread thread = new Thread(waiting, "wait");
        thread.setDaemon(true);
        thread.start();

        TokenStatus accepted = tell(new Verdict.Accepted(NOON, null));

        assertThat(waiting.get()).isEqualTo(accepted);
    }

    @Test
    void atTheDeadlineItEndsWithWhatIsSo() throws Exception {
        TokenStatus unreachable = tell(new Verdict.Unreachable("no answer"));
        time.advance(Duration.ofSeconds(60));

        assertThat(statusWait.await()).isEqualTo(unreachable);
    }

    @Test
    void aRefusalEndsItAfterTenSeconds() {
        tell(new Verdict.Refused(TokenStatuses.ADDRESS, null));

        assertThat(statusWait.endOfWait(time.now())).isEqualTo(NOON.plus(STANDS));
    }

    @ParameterizedTest
    @CsvSource({"PT29.999999999S, true", "PT30S, true", "PT30.000000001S, false"})
    void aWaitIsLongWithHalfAMinuteLeft(Duration waited, boolean isLong) {
        tell(new Verdict.Unreachable("no answer"));

        time.advance(waited);

        assertThat(statusWait.isLong()).isEqualTo(isLong);
    }

    private TokenStatus tell(Verdict verdict) {
        TokenStatus tokenStatus = TokenStatuses.of(time.now(), verdict);
        statusWait.accept(tokenStatus);
        return tokenStatus;
    }
}
