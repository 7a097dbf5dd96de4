package io.tokenguardian.health;

import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.guardian.Guardian;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.vetted.VettedFiles;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Startup;

/**
 * Up once the replicas that {@link AcceptedBy} names have accepted a token and all files for the app have been written.
 * From then on, it stays up.
 */
@Startup
@Singleton
final class StartedCheck implements HealthCheck {
    private final Guardian guardian;
    private final AcceptedBy acceptedBy;
    private final VettedFiles vetted;
    private final HealthDetails details;

    StartedCheck(Guardian guardian, AcceptedBy acceptedBy, VettedFiles vetted, HealthDetails details) {
        this.guardian = guardian;
        this.acceptedBy = acceptedBy;
        this.vetted = vetted;
        this.details = details;
    }

    @Override
    public HealthCheckResponse call() {
        TokenStatus tokenStatus = guardian.tokenStatus();
        boolean started = acceptedBy.wasMet(tokenStatus) && vetted.haveAllBeenWritten();
        return details.response("started", started, tokenStatus).build();
    }
}
