package io.tokenguardian.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.proxy.ProxyCounters;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ReceiptTest {
    private static final Duration LONG = Duration.ofHours(148);

    private static String receipt(long requests, long clock, long rotation, long unexplained, Duration longest) {
        ProxyCounters.Saved saved = new ProxyCounters.Saved(clock, rotation, unexplained, longest);
        return Receipt.of(new ProxyCounters.Snapshot(requests, 0, 0, 0, 0, saved), LONG);
    }

    @Test
    void savedRequestsAreListedByReason() {
        assertThat(receipt(1_204_331, 12, 5, 0, Duration.ofSeconds(61)))
                .isEqualTo("In 6 d 4 h: requests: 1,204,331; would have got 401: 17 (because of a replica's clock: 12,"
                        + " with a token that had been replaced: 5, for a reason that no clock explains: 0); longest"
                        + " wait: 1 min 1 s.");
    }
}
