package io.tokenguardian.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.token.TestTokens;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ValidityWindowTest {
    private static final Instant ISSUED = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration LEEWAY = Duration.ofMinutes(1);

    @Test
    void theWindowOpensALeewayBeforeNbfIfNbfIsLaterThanIat() {
        ValidityWindow window = ValidityWindow.of(
                TestTokens.issuedAt(ISSUED).notBefore(ISSUED.plusSeconds(7)).token(), LEEWAY);

        assertThat(window.from()).isEqualTo(ISSUED.minusSeconds(53));
    }

    @Test
    void theWindowOpensALeewayBeforeIatIfIatIsLaterThanNbf() {
        ValidityWindow window = ValidityWindow.of(
                TestTokens.issuedAt(ISSUED).notBefore(ISSUED.minusSeconds(7)).token(), LEEWAY);

        assertThat(window.from()).isEqualTo(ISSUED.minusSeconds(60));
    }

    @Test
    void theWindowIsOpenFromTheStartWithoutNbfAndIat() {
        ValidityWindow window = ValidityWindow.of(
                TestTokens.issuedAt(ISSUED)
                        .claim("nbf", null)
                        .claim("iat", null)
                        .token(),
                LEEWAY);

        assertThat(window.from()).isNull();
    }

    @Test
    void theWindowClosesALeewayAfterExp() {
        ValidityWindow window = ValidityWindow.of(
                TestTokens.issuedAt(ISSUED).expiresAt(ISSUED.plusSeconds(600)).token(), LEEWAY);

        assertThat(window.until()).isEqualTo(ISSUED.plusSeconds(660));
    }

    @Test
    void theWindowNeverClosesWithoutExp() {
        ValidityWindow window =
                ValidityWindow.of(TestTokens.issuedAt(ISSUED).claim("exp", null).token(), LEEWAY);

        assertThat(window.until()).isNull();
    }
}
