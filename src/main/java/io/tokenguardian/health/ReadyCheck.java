package io.tokenguardian.health;

import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.guardian.Guardian;
import io.tokenguardian.guardian.ReadyFollows;
import io.tokenguardian.guardian.TokenStatus;
import jakarta.inject.Singleton;
import java.util.Locale;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Up once the replicas that {@link AcceptedBy} names have accepted a token. {@link ReadyFollows} decides how long. */
@Readiness
@Singleton
final class ReadyCheck implements HealthCheck {
    private final Guardian guardian;
    private final AcceptedBy acceptedBy;
    private final ReadyFollows follows;
    private final HealthDetails details;

    ReadyCheck(Guardian guardian, AcceptedBy acceptedBy, ReadyFollows follows, HealthDetails details) {
        this.guardian = guardian;
        this.acceptedBy = acceptedBy;
        this.follows = follows;
        this.details = details;
    }

    @Override
    public HealthCheckResponse call() {
        TokenStatus tokenStatus = guardian.tokenStatus();
        return details.response("ready", follows.isReady(acceptedBy, tokenStatus), tokenStatus)
                .withData("follows", follows.name().toLowerCase(Locale.ROOT))
                .build();
    }
}
