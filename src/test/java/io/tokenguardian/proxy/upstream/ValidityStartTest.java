package io.tokenguardian.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValidityStartTest {

    private static final long MS = 1_000_000;
    private static final long S = 1_000 * MS;
    private static final Instant FROM = Instant.ofEpochSecond(1_000_000);

    @Test
    void aRefusalBoundsTheAcceptanceTimeToASecondAndARoundTrip() {
        // Given a refusal dated 5 s before, sent at 100 ms and back at 110 ms
        ValidityStart crossing = ValidityStart.of(FROM, FROM.minusSeconds(5), 100 * MS, 110 * MS);

        // Then the acceptance time is between 4.1 s and 5.11 s
        assertThat(crossing).isEqualTo(new ValidityStart(4_100 * MS, 5_110 * MS));
    }

    @Test
    void aSecondRefusalNarrowsTheAcceptanceTime() {
        ValidityStart first = new ValidityStart(4_000 * MS, 5_000 * MS);
        assertThat(first.narrowedBy(new ValidityStart(4_400 * MS, 5_400 * MS)))
                .isEqualTo(new ValidityStart(4_400 * MS, 5_000 * MS));
    }

    @Test
    void afterAStepOfTheReplicasClockOnlyTheNewRefusalCounts() {
        ValidityStart newer = new ValidityStart(9_000 * MS, 10_000 * MS);
        assertThat(new ValidityStart(4_000 * MS, 5_000 * MS).narrowedBy(newer)).isEqualTo(newer);
    }

    @ParameterizedTest
    @ValueSource(longs = {1_100, 2_500, 6_000, 60_000, 180_000})
    void theAcceptanceTimeIsFoundWithin35MillisecondsByFewProbes(long millisAhead) {
        Random random = new Random(millisAhead);
        for (int round = 0; round < 200; round++) {
            // Given a replica whose clock reaches `from` at `crossing`, with responses that take 1 to 4 ms to arrive
            long crossing = millisAhead * MS + random.nextLong(S);
            long now = 0;
            int probes = 0;
            ValidityStart known = null;

            // When the replica is probed at the predicted times until it accepts
            while (true) {
                long sentAt = now;
                long checkedAt = sentAt + (1 + random.nextInt(2)) * MS;
                now = checkedAt + (1 + random.nextInt(2)) * MS;
                probes++;
                if (checkedAt >= crossing) {
                    break;
                }
                Instant date = Instant.ofEpochSecond(FROM.getEpochSecond() - 1 - (crossing - checkedAt - 1) / S);
                ValidityStart found = ValidityStart.of(FROM, date, sentAt, now);
                known = known == null ? found : known.narrowedBy(found);
                assertThat(crossing).isBetween(known.earliest(), known.latest());
                now = known.nextAttempt(now);
            }

            // Then
            assertThat(now - crossing).isBetween(0L, 35 * MS);
            assertThat(probes).isLessThan(millisAhead < 3_000 ? 45 : 14);
        }
    }
}
