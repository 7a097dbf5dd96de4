package io.tokenguardian.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class TokenClaimsTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private final TestTokens claims = TestTokens.issuedAt(NOON);

    @Test
    void aDefaultTokenIsDueAfterFourFifthsOfItsRequestedLife() {
        assertThat(rotationDue(claims)).isEqualTo(NOON.plusMillis(2_885_600));
    }

    @Test
    void aTokenWithoutWarnAfterIsDueAfterFourFifthsOfItsLife() {
        assertThat(rotationDue(claims.kubernetes("warnafter", null).expiresAt(NOON.plusSeconds(600))))
                .isEqualTo(NOON.plusSeconds(480));
    }

    @Test
    void noTokenIsDueLaterThanAfterADay() {
        TestTokens justADay = claims.kubernetes("warnafter", null).expiresAt(NOON.plusSeconds(108_000));
        assertThat(rotationDue(justADay)).isEqualTo(NOON.plusSeconds(86_400));

        assertThat(rotationDue(justADay.expiresAt(NOON.plusSeconds(108_005)))).isEqualTo(NOON.plusSeconds(86_400));
    }

    @Test
    void withoutBeginningOrEndNobodyKnows() {
        assertThat(claims.claim("iat", null).token().claims().rotationDue()).isEmpty();
        assertThat(TestTokens.issuedAt(NOON)
                        .claim("exp", null)
                        .kubernetes("warnafter", null)
                        .token()
                        .claims()
                        .rotationDue())
                .isEmpty();
    }

    private static Instant rotationDue(TestTokens token) {
        return token.token().claims().rotationDue().orElseThrow();
    }
}
