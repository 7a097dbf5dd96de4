package io.tokenguardian.health;

import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.guardian.Guardian;
import io.tokenguardian.guardian.TokenStatus;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Up while the replicas that {@link AcceptedBy} names accept a token. Does not change while they do not respond. */
@Readiness
@Singleton
final class ReadyCheck implements HealthCheck {
    private final Guardian guardian;
    private final AcceptedBy acceptedBy;
    private final HealthDetails details;

    ReadyCheck(Guardian guardian, AcceptedBy acceptedBy, HealthDetails details) {
        this.guardian = guardian;
        this.acceptedBy = acceptedBy;
        this.details = details;
    }

    @Override
    public HealthCheckResponse call() {
        TokenStatus tokenStatus = guardian.tokenStatus();
        return details.response("ready", acceptedBy.isMet(tokenStatus), tokenStatus);
    }
}
