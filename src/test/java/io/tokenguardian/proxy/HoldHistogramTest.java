package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class HoldHistogramTest {
    private final HoldHistogram times = new HoldHistogram();

    @Test
    void theHistogramIsZeroWithoutRequests() {
        assertThat(times.snapshot())
                .isEqualTo(new HoldHistogram.Snapshot(Collections.nCopies(HoldHistogram.BOUNDS.size() + 1, 0L), 0));
    }

    @Test
    void onlyATimeUpToTheBoundIsInItsBucket() {
        times.record(Duration.ofMillis(500).toNanos());
        times.record(Duration.ofMillis(500).toNanos() + 1);

        assertThat(times.snapshot().counts()).startsWith(0L, 1L, 1L, 0L);
    }

    @Test
    void aTimeBeyondAllBoundsIsCounted() {
        times.record(Duration.ofHours(1).toNanos());

        assertThat(times.snapshot().counts()).endsWith(0L, 1L);
        assertThat(times.snapshot().count()).isEqualTo(1);
    }

    @Test
    void theTimesAreSummed() {
        times.record(Duration.ofSeconds(2).toNanos());
        times.record(Duration.ofMillis(500).toNanos());

        assertThat(times.snapshot().seconds()).isEqualTo(2.5);
        assertThat(times.snapshot().counts()).isEqualTo(List.of(0L, 1L, 0L, 1L, 0L, 0L, 0L, 0L, 0L, 0L, 0L));
    }
}
