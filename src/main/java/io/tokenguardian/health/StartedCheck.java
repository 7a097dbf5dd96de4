package io.tokenguardian.health;

import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.AudienceTokens;
import io.tokenguardian.guardian.Guardian;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.vetted.VettedFiles;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Startup;

/**
 * {@code started}: up for good once a token was accepted and all vetted files were written, those of audience tokens
 * included. The files count because an app that reads them must find them.
 */
@Startup
@Singleton
final class StartedCheck implements HealthCheck {
    private final Guardian guardian;
    private final AudienceTokens audienceTokens;
    private final VettedFiles vetted;
    private final Timeline timeline;

    StartedCheck(Guardian guardian, AudienceTokens audienceTokens, VettedFiles vetted, Timeline timeline) {
        this.guardian = guardian;
        this.audienceTokens = audienceTokens;
        this.vetted = vetted;
        this.timeline = timeline;
    }

    @Override
    public HealthCheckResponse call() {
        TokenStatus tokenStatus = guardian.tokenStatus();
        return HealthDetails.response(
                "started",
                tokenStatus.started() && vetted.haveAllBeenWritten(),
                tokenStatus,
                audienceTokens.all(),
                vetted.states(),
                timeline.instant());
    }
}
