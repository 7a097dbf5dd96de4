package io.tokenguardian.gate;

import io.tokenguardian.guardian.Explanation;
import io.tokenguardian.guardian.FurtherToken;
import io.tokenguardian.guardian.Situation;
import io.tokenguardian.verdict.Verdict;
import io.tokenguardian.vetted.VettedState;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;

/** What every health check says beside up or down, so that {@code kubectl describe pod} shows the reason. */
final class VerdictData {
    private VerdictData() {}

    static HealthCheckResponse response(
            String name,
            boolean up,
            Situation situation,
            List<FurtherToken> further,
            List<VettedState> vetted,
            Instant now) {
        HealthCheckResponseBuilder response = HealthCheckResponse.named(name)
                .status(up)
                .withData("verdict", situation.verdict().word())
                .withData("explanation", Explanation.of(situation, now).sentence());
        if (situation.verdict() instanceof Verdict.NotYetValid notYet) {
            response.withData("acceptableFrom", notYet.from().toString());
            situation
                    .untilAcceptable(now)
                    .ifPresent(left -> response.withData("secondsUntilAcceptable", (left.toMillis() + 999) / 1_000));
        }
        for (FurtherToken token : further) {
            Situation its = token.situation();
            response.withData(
                    "tokens." + token.name(),
                    its.isAccepted()
                            ? its.verdict().word()
                            : Explanation.of(its, now).sentence());
        }
        if (!vetted.isEmpty()) {
            response.withData(
                    "vetted", vetted.stream().map(VettedState::explanation).collect(Collectors.joining("; ")));
        }
        return response.build();
    }
}
