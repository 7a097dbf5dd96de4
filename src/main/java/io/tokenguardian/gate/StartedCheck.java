package io.tokenguardian.gate;

import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.FurtherTokens;
import io.tokenguardian.guardian.Guardian;
import io.tokenguardian.guardian.Situation;
import io.tokenguardian.vetted.VettedFiles;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Startup;

/**
 * {@code started}: up from the first acceptance of a token on, and then for good. An app that is to read the vetted files
 * must find them, so that these have to be there too, those of further tokens with them.
 */
@Startup
@Singleton
final class StartedCheck implements HealthCheck {
    private final Guardian guardian;
    private final FurtherTokens further;
    private final VettedFiles vetted;
    private final Timeline timeline;

    StartedCheck(Guardian guardian, FurtherTokens further, VettedFiles vetted, Timeline timeline) {
        this.guardian = guardian;
        this.further = further;
        this.vetted = vetted;
        this.timeline = timeline;
    }

    @Override
    public HealthCheckResponse call() {
        Situation situation = guardian.situation();
        return VerdictData.response(
                "started",
                situation.started() && vetted.wereEverWritten(),
                situation,
                further.all(),
                vetted.states(),
                timeline.instant());
    }
}
