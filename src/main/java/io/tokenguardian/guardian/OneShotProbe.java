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
    private final boolean hasProxy;

    /** @param hasProxy whether a guardian with the same settings has a proxy */
    public OneShotProbe(ApiServer apiServer, TokenTerms.AcceptancePolicy policy, Timeline timeline, boolean hasProxy) {
        this.hasProxy = hasProxy;
        this.apiServer = apiServer;
        this.policy = policy;
        this.timeline = timeline;
    }

    /** Probes the token in {@code reading}, if any, and waits for the results. */
    public TokenStatus check(TokenReading reading) {
        TokenSource tokenSource = new TokenSource(hasProxy);
        return check(
                new Guardian(apiServer, policy, timeline, () -> 0, tokenSource, (ledger, now) -> ledger.all()),
                reading);
    }

    /** Uses the clocks in {@code main}, the result of {@link #check}, and TokenReviews sent with the main token. */
    public AudienceToken checkAudienceToken(AudienceToken.Source source, TokenReading reading, TokenStatus main) {
        AudienceGuardianFactory factory = new AudienceGuardianFactory(
                apiServer, policy, timeline, () -> 0, () -> main, main::replicas, new ReviewPermission(() -> 0));
        return new AudienceToken(source.name(), source.path(), check(factory.guardian(source), reading));
    }

    /** If replicas disagree, the verdict may remain pending. Then the last refusal is returned. */
    private static TokenStatus check(Guardian guardian, TokenReading reading) {
        try (guardian) {
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
