package io.tokenguardian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class FirstAcceptanceTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final TokenStatus ACCEPTED = TokenStatuses.of(
            NOON,
            new Verdict.Accepted(NOON, TokenStatuses.USER),
            TestTokens.issuedAt(NOON).token());

    private final AtomicInteger runs = new AtomicInteger();
    private final FirstAcceptance firstAcceptance = new FirstAcceptance(runs::incrementAndGet);

    @Test
    void nothingRunsBeforeTheFirstAcceptance() {
        firstAcceptance.accept(TokenStatuses.of(NOON, new Verdict.Pending()));

        assertThat(runs).hasValue(0);
    }

    @Test
    void itRunsOnceHoweverOftenTheTokenIsAccepted() {
        firstAcceptance.accept(ACCEPTED);
        firstAcceptance.accept(ACCEPTED);

        assertThat(runs).hasValue(1);
    }

    @Test
    void oneReplicaThatAcceptsIsEnough() {
        firstAcceptance.accept(TokenStatuses.usable(
                TokenStatuses.of(NOON, new Verdict.Expired(TokenStatuses.ADDRESS, null, NOON)),
                TestTokens.issuedAt(NOON).token()));

        assertThat(runs).hasValue(1);
    }
}
