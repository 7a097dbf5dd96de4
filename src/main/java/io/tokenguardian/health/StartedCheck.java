package io.tokenguardian.health;

import io.tokenguardian.guardian.Guardian;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.vetted.VettedFiles;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Startup;

/**
 * {@code started}: up for good once a token was accepted and all files for the app were written, those with audience
 * tokens included. An app that reads them must find them.
 */
@Startup
@Singleton
final class StartedCheck implements HealthCheck {
    private final Guardian guardian;
    private final VettedFiles vetted;
    private final HealthDetails details;

    StartedCheck(Guardian guardian, VettedFiles vetted, HealthDetails details) {
        this.guardian = guardian;
        this.vetted = vetted;
        this.details = details;
    }

    @Override
    public HealthCheckResponse call() {
        TokenStatus tokenStatus = guardian.tokenStatus();
        return details.response("started", tokenStatus.started() && vetted.haveAllBeenWritten(), tokenStatus);
    }
}
