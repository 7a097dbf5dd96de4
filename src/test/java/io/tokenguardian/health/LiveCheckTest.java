package io.tokenguardian.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.concurrent.ThreadState;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.junit.jupiter.api.Test;

class LiveCheckTest {
    private static final ThreadState WELL = new ThreadState("guardian", null);
    private static final ThreadState ENDED = new ThreadState("token-watch", "has ended; see the log");

    @Test
    void whileEveryThreadIsWellItIsUp() {
        HealthCheckResponse live = new LiveCheck(List.of(() -> List.of(WELL), List::of)).call();

        assertThat(live.getStatus()).isEqualTo(HealthCheckResponse.Status.UP);
        assertThat(live.getData()).hasValue(Map.of("guardian", "up"));
    }

    @Test
    void oneThreadThatHasEndedTakesItDownAndIsNamed() {
        HealthCheckResponse live = new LiveCheck(List.of(() -> List.of(WELL), () -> List.of(ENDED))).call();

        assertThat(live.getStatus()).isEqualTo(HealthCheckResponse.Status.DOWN);
        assertThat(live.getData()).hasValue(Map.of("guardian", "up", "token-watch", "has ended; see the log"));
    }
}
