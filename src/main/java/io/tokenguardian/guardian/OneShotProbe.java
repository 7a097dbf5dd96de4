package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.clock.Timeline;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.TokenTerms;
import io.tokenguardian.verdict.Verdict;

/** Checks a token once, with a guardian that runs for only a few turns. A refusal does not end the check. */
public final class OneShotProbe {
    private final ApiServer apiServer;
    private final TokenTerms.AcceptancePolicy policy;
    private final Timeline timeline;

    public OneShotProbe(ApiServer apiServer, TokenTerms.AcceptancePolicy policy, Timeline timeline) {
        this.apiServer = apiServer;
        this.policy = policy;
        this.timeline = timeline;
    }

    /**
     * Probes the token in {@code reading}, if any, and waits for the results. If replicas disagree, the verdict may
     * remain pending. Then the last refusal is returned.
     */
    public TokenStatus check(TokenReading reading) {
        try (Guardian guardian = new Guardian(apiServer, policy, timeline, () -> 0, new TokenSource())) {
            guardian.showAllReplicas();
            guardian.onReading(reading);
            guardian.runOnce();
            TokenStatus found = guardian.tokenStatus();
            for (int results = 0; guardian.awaitResult(results); results++) {
                guardian.runOnce();
                TokenStatus next = guardian.tokenStatus();
                found = next.verdict() instanceof Verdict.Pending && found.isJudged() ? found : next;
            }
            return found;
        }
    }
}
