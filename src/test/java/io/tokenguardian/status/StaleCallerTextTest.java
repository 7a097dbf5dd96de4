package io.tokenguardian.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.proxy.StaleCaller;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StaleCallerTextTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Instant END = NOON.plus(Duration.ofMinutes(125));
    private static final String ADVICE = "Have it read the token file again, at least once a minute, or restart it.";

    private static StaleCaller caller(
            String userAgent, @Nullable Instant replacedAt, @Nullable Instant end, boolean passedOn) {
        return new StaleCaller(userAgent, NOON.minus(Duration.ofHours(27)), replacedAt, end, 1, NOON, passedOn);
    }

    private static String text(StaleCaller caller) {
        return StaleCallerText.of(caller, NOON).text();
    }

    @Test
    void aReplacedTokenIsReportedWithItsExpiry() {
        assertThat(text(caller("okhttp/4.12", NOON.minus(Duration.ofHours(26)), END, false)))
                .isEqualTo("okhttp/4.12 still sends the token that kubelet replaced 26 h ago. It ends at"
                        + " 2026-03-01T14:05:00Z. The proxy replaces it; without the proxy, its requests would get 401"
                        + " from then on. " + ADVICE);
    }

    @Test
    void anExpiredTokenIsReportedAsExpired() {
        assertThat(text(caller("okhttp/4.12", NOON.minus(Duration.ofHours(26)), NOON.minusSeconds(1), false)))
                .isEqualTo("okhttp/4.12 still sends the token that kubelet replaced 26 h ago. It ended at"
                        + " 2026-03-01T11:59:59Z. The proxy replaces it; without the proxy, its requests would get 401. "
                        + ADVICE);
    }

    @Test
    void aTokenThatIsPassedOnIsReportedAsSuch() {
        assertThat(text(caller("app", NOON.minusSeconds(600), END, true)))
                .isEqualTo("app still sends the token that kubelet replaced 10 min ago. It ends at"
                        + " 2026-03-01T14:05:00Z. guardian.proxy.authorization=keep passes it on as it is: its requests"
                        + " get 401 from then on. " + ADVICE);
        assertThat(text(caller("app", NOON.minusSeconds(600), NOON.minusSeconds(1), true)))
                .contains("guardian.proxy.authorization=keep passes it on as it is: its requests get 401. ");
    }

    @Test
    void aTokenFromBeforeTheStartIsReportedWithItsAge() {
        assertThat(text(caller("app", null, END, false)))
                .startsWith("app still sends the token that was issued 27 h ago. It ends at");
    }

    @Test
    void aTokenWithoutAnExpiryIsReportedWithoutIt() {
        assertThat(text(caller("app", null, null, false)))
                .isEqualTo("app still sends the token that was issued 27 h ago. " + ADVICE);
        assertThat(text(caller("app", null, null, true)))
                .contains("ago. guardian.proxy.authorization=keep passes it on as it is. ");
    }

    @Test
    void aTokenOfAnotherPodIsReportedWithoutDates() {
        assertThat(text(new StaleCaller("none", null, null, null, 1, NOON, false)))
                .isEqualTo("A caller without a user agent sends a token that is not this pod's. The proxy replaces it:"
                        + " the requests have the rights of this pod.");
        assertThat(text(new StaleCaller("other", null, null, null, 1, NOON, true)))
                .isEqualTo("Another caller sends a token that is not this pod's. guardian.proxy.authorization=keep"
                        + " passes it on as it is.");
    }
}
