package io.tokenguardian.gate;

import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.Guardian;
import io.tokenguardian.guardian.Situation;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Startup;

/** {@code started}: up from the first acceptance of a token on, and then for good. */
@Startup
@Singleton
final class StartedCheck implements HealthCheck {
    private final Guardian guardian;
    private final Timeline timeline;

    StartedCheck(Guardian guardian, Timeline timeline) {
        this.guardian = guardian;
        this.timeline = timeline;
    }

    @Override
    public HealthCheckResponse call() {
        Situation situation = guardian.situation();
        return VerdictData.response("started", situation.started(), situation, timeline.instant());
    }
}
