package io.tokenguardian.health;

import io.tokenguardian.guardian.Guardian;
import io.tokenguardian.guardian.TokenStatus;
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
    private final HealthDetails details;

    ReadyCheck(Guardian guardian, HealthDetails details) {
        this.guardian = guardian;
        this.details = details;
    }

    @Override
    public HealthCheckResponse call() {
        TokenStatus tokenStatus = guardian.tokenStatus();
        return details.response("ready", tokenStatus.isAccepted(), tokenStatus);
    }
}
