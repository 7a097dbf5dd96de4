package io.tokenguardian.gate;

import io.tokenguardian.guardian.FurtherTokens;
import io.tokenguardian.guardian.GuardianLoop;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** {@code live}: up while the control loops turn. About the process alone: no verdict takes it down. */
@Liveness
@Singleton
final class LiveCheck implements HealthCheck {
    private final GuardianLoop loop;
    private final FurtherTokens further;

    LiveCheck(GuardianLoop loop, FurtherTokens further) {
        this.loop = loop;
        this.further = further;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("live")
                .status(loop.isAlive() && further.areAlive())
                .build();
    }
}
