package io.tokenguardian.health;

import io.tokenguardian.clock.Timeline;
import io.tokenguardian.guardian.AcceptedBy;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.status.Explanation;
import io.tokenguardian.verdict.Verdict;
import io.tokenguardian.vetted.VettedFiles;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;

/** The details of {@code started} and {@code ready}, for people. kubelet's own events show only the status code. */
@Singleton
final class HealthDetails {
    private final AcceptedBy acceptedBy;
    private final VettedFiles vetted;
    private final Timeline timeline;

    HealthDetails(AcceptedBy acceptedBy, VettedFiles vetted, Timeline timeline) {
        this.acceptedBy = acceptedBy;
        this.vetted = vetted;
        this.timeline = timeline;
    }

    HealthCheckResponseBuilder response(String name, boolean up, TokenStatus tokenStatus) {
        return response(name, up, tokenStatus, acceptedBy, vetted.states(), timeline.instant());
    }

    static HealthCheckResponseBuilder response(
            String name, boolean up, TokenStatus tokenStatus, AcceptedBy acceptedBy, List<String> vetted, Instant now) {
        HealthCheckResponseBuilder response = HealthCheckResponse.named(name)
                .status(up)
                .withData("verdict", tokenStatus.verdict().word())
                .withData("usable", tokenStatus.isUsable())
                .withData("acceptedBy", acceptedBy.name().toLowerCase(Locale.ROOT))
                .withData("explanation", Explanation.of(tokenStatus, now).sentence());
        if (tokenStatus.verdict() instanceof Verdict.NotYetValid notYet) {
            response.withData("acceptableFrom", notYet.from().toString());
            tokenStatus
                    .untilAcceptable(now)
                    .ifPresent(left -> response.withData("secondsUntilAcceptable", (left.toMillis() + 999) / 1_000));
        }
        if (!vetted.isEmpty()) {
            response.withData("vetted", String.join("; ", vetted));
        }
        return response;
    }
}
