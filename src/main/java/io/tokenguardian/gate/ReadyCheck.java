package io.tokenguardian.gate;

import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.FurtherTokens;
import io.tokenguardian.guardian.Guardian;
import io.tokenguardian.guardian.Situation;
import io.tokenguardian.vetted.VettedFiles;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** {@code ready}: up while the token in use is accepted; an API server that does not answer leaves it as it is, and so do further tokens. */
@Readiness
@Singleton
final class ReadyCheck implements HealthCheck {
    private final Guardian guardian;
    private final FurtherTokens further;
    private final VettedFiles vetted;
    private final Timeline timeline;

    ReadyCheck(Guardian guardian, FurtherTokens further, VettedFiles vetted, Timeline timeline) {
        this.guardian = guardian;
        this.further = further;
        this.vetted = vetted;
        this.timeline = timeline;
    }

    @Override
    public HealthCheckResponse call() {
        Situation situation = guardian.situation();
        return VerdictData.response(
                "ready", situation.isAccepted(), situation, further.all(), vetted.states(), timeline.instant());
    }
}
