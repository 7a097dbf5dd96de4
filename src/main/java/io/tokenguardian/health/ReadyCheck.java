package io.tokenguardian.health;

import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.AudienceTokens;
import io.tokenguardian.guardian.Guardian;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.vetted.VettedFiles;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * {@code ready}: up while the token in use is accepted. An API server that does not answer does not change it, and
 * neither do audience tokens.
 */
@Readiness
@Singleton
final class ReadyCheck implements HealthCheck {
    private final Guardian guardian;
    private final AudienceTokens audienceTokens;
    private final VettedFiles vetted;
    private final Timeline timeline;

    ReadyCheck(Guardian guardian, AudienceTokens audienceTokens, VettedFiles vetted, Timeline timeline) {
        this.guardian = guardian;
        this.audienceTokens = audienceTokens;
        this.vetted = vetted;
        this.timeline = timeline;
    }

    @Override
    public HealthCheckResponse call() {
        TokenStatus tokenStatus = guardian.tokenStatus();
        return HealthDetails.response(
                "ready",
                tokenStatus.isAccepted(),
                tokenStatus,
                audienceTokens.all(),
                vetted.states(),
                timeline.instant());
    }
}
