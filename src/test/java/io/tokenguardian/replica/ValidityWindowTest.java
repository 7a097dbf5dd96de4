package io.tokenguardian.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.token.TestTokens;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValidityWindowTest {
    private static final Instant ISSUED = Instant.parse("2026-03-01T12:00:00Z");
    private static final Instant UNTIL = ISSUED.plusSeconds(3_720);

    private static ValidityWindow window(TestTokens token) {
        return ValidityWindow.of(token.token(), Duration.ofMinutes(1));
    }

    @ParameterizedTest
    @CsvSource({"7, -53", "-7, -60"})
    void theWindowOpensALeewayBeforeTheLaterOfNbfAndIat(int nbf, int opens) {
        ValidityWindow window = window(TestTokens.issuedAt(ISSUED).notBefore(ISSUED.plusSeconds(nbf)));

        assertThat(window.from()).isEqualTo(ISSUED.plusSeconds(opens));
    }

    @Test
    void theWindowClosesALeewayAfterExp() {
        ValidityWindow window = window(TestTokens.issuedAt(ISSUED).expiresAt(ISSUED.plusSeconds(600)));

        assertThat(window.until()).isEqualTo(ISSUED.plusSeconds(660));
    }

    @Test
    void aTokenWithoutTimesHasAnUnboundedWindow() {
        TestTokens token = TestTokens.issuedAt(ISSUED)
                .claim("nbf", null)
                .claim("iat", null)
                .claim("exp", null);

        assertThat(window(token)).isEqualTo(ValidityWindow.UNBOUNDED);
    }

    @ParameterizedTest
    @CsvSource({
        "-1, NOT_YET_VALID, REFUSED, NOT_YET_VALID",
        "0, NOT_YET_VALID, REFUSED, NOT_YET_VALID",
        "1, REFUSED, REFUSED, REFUSED",
        "3719, REFUSED, REFUSED, REFUSED",
        "3720, EXPIRED, EXPIRED, REFUSED",
        "3721, EXPIRED, EXPIRED, REFUSED",
    })
    void aRefusalIsClassifiedByTheWindow(int seconds, Finding bounded, Finding withoutFrom, Finding withoutUntil) {
        Instant date = ISSUED.plusSeconds(seconds);

        assertThat(new ValidityWindow(ISSUED, UNTIL).refusedAt(date)).isEqualTo(bounded);
        assertThat(new ValidityWindow(null, UNTIL).refusedAt(date)).isEqualTo(withoutFrom);
        assertThat(new ValidityWindow(ISSUED, null).refusedAt(date)).isEqualTo(withoutUntil);
    }
}
