package io.tokenguardian.health;

import io.quarkus.arc.All;
import io.tokenguardian.concurrent.ThreadState;
import io.tokenguardian.concurrent.Watched;
import jakarta.inject.Singleton;
import java.util.List;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;

/** Up as long as every thread of every {@link Watched} bean works, whatever the verdict. */
@Liveness
@Singleton
final class LiveCheck implements HealthCheck {
    private static final String UP = "up";

    private final List<Watched> parts;

    LiveCheck(@All List<Watched> parts) {
        this.parts = parts;
    }

    @Override
    public HealthCheckResponse call() {
        List<ThreadState> threads =
                parts.stream().flatMap(part -> part.threads().stream()).toList();
        HealthCheckResponseBuilder response =
                HealthCheckResponse.named("live").status(threads.stream().allMatch(ThreadState::isHealthy));
        for (ThreadState thread : threads) {
            String fault = thread.fault();
            response.withData(thread.name(), fault == null ? UP : fault);
        }
        return response.build();
    }
}
