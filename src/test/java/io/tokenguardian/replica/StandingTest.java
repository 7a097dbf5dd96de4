package io.tokenguardian.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.Sample;
import io.tokenguardian.proxy.Tokens;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StandingTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Token TOKEN = Tokens.issuedAt(NOW);
    private static final ValidityWindow WINDOW = ValidityWindow.of(TOKEN, Duration.ofSeconds(60));
    private static final Instant FROM = Objects.requireNonNull(WINDOW.from());

    private static Standing after(
            @Nullable Standing before, Finding finding, Instant sentAt, Instant receivedAt, @Nullable Instant date) {
        return Standing.after(before, Answers.to(TOKEN, finding, Sample.of(sentAt, receivedAt, date), receivedAt));
    }

    private static Standing refused(int times) {
        Standing standing = after(null, Finding.REFUSED, NOW, NOW, null);
        for (int i = 1; i < times; i++) {
            standing = after(standing, Finding.REFUSED, NOW, NOW, null);
        }
        return standing;
    }

    @Test
    void aRefusalBoundsTheAcceptanceToASecondAndARoundTrip() {
        // Given a refusal dated 5 s before the window, sent at 100 ms and back at 110 ms
        Standing standing =
                after(null, Finding.NOT_YET_VALID, NOW.plusMillis(100), NOW.plusMillis(110), FROM.minusSeconds(5));

        // Then
        Duration drift = Duration.ofMillis(2);
        assertThat(standing.acceptsFrom(WINDOW)).isBetween(NOW.plusMillis(4_100).minus(drift), NOW.plusMillis(4_100));
        assertThat(standing.acceptsBy(WINDOW))
                .isBetween(NOW.plusMillis(5_110), NOW.plusMillis(5_110).plus(drift));
    }

    @Test
    void anEarlyRefusalHoldsUntilTheAcceptanceIsCertain() {
        Standing standing = after(null, Finding.NOT_YET_VALID, NOW, NOW, FROM.minusSeconds(5));
        Instant certain = standing.acceptsBy(WINDOW);

        assertThat(standing.refusesAt(WINDOW, certain.minusNanos(1))).isTrue();
        assertThat(standing.refusesAt(WINDOW, certain)).isFalse();
    }

    @Test
    void theFractionOfTheSecondOfARefusalShortensItsTime() {
        Standing standing = after(null, Finding.REFUSED, NOW, NOW.plusMillis(800), null);

        Instant end = NOW.plusMillis(800).plusSeconds(12);
        assertThat(standing.refusesAt(WINDOW, end.minusNanos(1))).isTrue();
        assertThat(standing.refusesAt(WINDOW, end)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"1, 15", "2, 30", "3, 60", "9, 60"})
    void anotherRefusalHoldsForADoublingTime(int times, int seconds) {
        Standing standing = refused(times);

        assertThat(standing.refusesAt(WINDOW, NOW.plusSeconds(seconds).minusNanos(1)))
                .isTrue();
        assertThat(standing.refusesAt(WINDOW, NOW.plusSeconds(seconds))).isFalse();
    }

    @Test
    void anAnswerWithAnotherFindingBeginsANewRow() {
        Standing standing = after(refused(3), Finding.EXPIRED, NOW, NOW, NOW);

        assertThat(standing.inARow()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1_100, 2_500, 6_000, 60_000, 180_000})
    void theAcceptanceIsFoundWithin45MillisecondsByFewProbes(long millisAhead) {
        Random random = new Random(millisAhead);
        for (int round = 0; round < 200; round++) {
            // Given a replica whose clock reaches the window at `crossing`, and responses that take 2 to 4 ms
            Instant crossing = NOW.plusMillis(millisAhead).plusNanos(random.nextInt(1_000_000_000));
            Instant now = NOW;
            int probes = 0;
            Standing known = null;

            // When the replica is asked at the predicted times until it accepts
            while (true) {
                Instant sentAt = now;
                Instant checkedAt = sentAt.plusMillis(1 + random.nextInt(2));
                now = checkedAt.plusMillis(1 + random.nextInt(2));
                probes++;
                if (!checkedAt.isBefore(crossing)) {
                    break;
                }
                long left = Duration.between(checkedAt, crossing).minusNanos(1).toSeconds();
                known = after(known, Finding.NOT_YET_VALID, sentAt, now, FROM.minusSeconds(1 + left));
                assertThat(crossing).isBetween(known.acceptsFrom(WINDOW), known.acceptsBy(WINDOW));
                now = known.nextProbe(WINDOW, now);
            }

            // Then
            assertThat(Duration.between(crossing, now)).isLessThanOrEqualTo(Duration.ofMillis(45));
            assertThat(probes).isLessThan(millisAhead < 3_000 ? 45 : 16);
        }
    }
}
