package io.tokenguardian.gate;

import io.tokenguardian.guardian.GuardianLoop;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** {@code live}: up while the control loop turns. About the process alone: no verdict takes it down. */
@Liveness
@Singleton
final class LiveCheck implements HealthCheck {
    private final GuardianLoop loop;

    LiveCheck(GuardianLoop loop) {
        this.loop = loop;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("live").status(loop.isAlive()).build();
    }
}
