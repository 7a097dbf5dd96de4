package io.tokenguardian.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.token.TokenReading.Present;
import io.tokenguardian.token.TokenReading.Unreadable;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TokenReadingTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private final Token token = TestTokens.issuedAt(NOW).token();

    @Test
    void theSameTokenWrittenAgainSaysTheSame() {
        assertThat(new Present(token, NOW).isEquivalentTo(new Present(token, NOW.plusSeconds(1))))
                .isTrue();
    }

    @Test
    void anotherTokenWrittenAtTheSameTimeDoesNot() {
        Token other = TestTokens.issuedAt(NOW).token();
        assertThat(new Present(token, NOW).isEquivalentTo(new Present(other, NOW)))
                .isFalse();
    }

    @Test
    void theSameFaultSaysTheSame() {
        assertThat(new Unreadable("gone").isEquivalentTo(new Unreadable("gone")))
                .isTrue();
    }

    @Test
    void anotherFaultDoesNot() {
        assertThat(new Unreadable("gone").isEquivalentTo(new Unreadable("empty")))
                .isFalse();
    }

    @Test
    void aTokenAndAFaultNeverSayTheSame() {
        assertThat(new Present(token, NOW).isEquivalentTo(new Unreadable("gone")))
                .isFalse();
        assertThat(new Unreadable("gone").isEquivalentTo(new Present(token, NOW)))
                .isFalse();
    }

    @Test
    void asTextAReadingShowsNothingOfTheSecret() {
        TokenTest.assertShowsNothingOf(token.bearer(), new Present(token, NOW).toString());
    }
}
