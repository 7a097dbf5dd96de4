package io.tokenguardian.guardian;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.token.LogRecords;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ReviewPermissionTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private final ReviewPermission permission = new ReviewPermission(() -> 0.5);

    @Test
    void aForbiddenReviewIsRetriedAfterAnHourLessARandomPart() {
        permission.forbidden(NOON);

        assertThat(permission.askAt()).isEqualTo(NOON.plus(Duration.ofSeconds(3_150)));
    }

    @Test
    void onlyChangesAreReportedAndEachIsLoggedOnce() {
        AtomicInteger heard = new AtomicInteger();
        permission.onChange(heard::incrementAndGet);
        try (LogRecords log = LogRecords.of("io.tokenguardian")) {
            permission.onAllowed();
            assertThat(heard).hasValue(0);

            permission.forbidden(NOON);
            permission.forbidden(NOON);
            assertThat(heard).hasValue(1);

            permission.onAllowed();
            permission.onAllowed();
            assertThat(heard).hasValue(2);
            assertThat(log.lines())
                    .satisfiesExactly(
                            line -> assertThat(line).startsWith("WARN reviews=forbidden "),
                            line -> assertThat(line).startsWith("INFO reviews=allowed "));
        }
    }
}
