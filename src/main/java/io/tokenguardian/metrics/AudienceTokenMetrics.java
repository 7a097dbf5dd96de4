package io.tokenguardian.metrics;

import io.tokenguardian.guardian.AudienceToken;
import io.tokenguardian.verdict.Verdict;
import java.util.List;

/** The metric of the audience tokens, which is absent if no audience tokens are configured. */
final class AudienceTokenMetrics {
    private AudienceTokenMetrics() {}

    static List<MetricFamily> of(List<AudienceToken> audienceTokens) {
        if (audienceTokens.isEmpty()) {
            return List.of();
        }
        MetricFamily family = MetricFamily.gauge(
                "further_token_verdict",
                "Verdict on each token for another audience: 1 for the current verdict, else 0.",
                "token",
                "verdict");
        for (AudienceToken token : audienceTokens) {
            String holds = token.tokenStatus().verdict().word();
            Verdict.WORDS.forEach(word -> family.sample(word.equals(holds) ? 1 : 0, token.name(), word));
        }
        return List.of(family);
    }
}
