package io.tokenguardian.report;

import io.tokenguardian.guardian.FurtherToken;
import io.tokenguardian.verdict.Verdict;
import java.util.List;

/** The metric of the further tokens: none where there are none. */
final class FurtherMetrics {
    private FurtherMetrics() {}

    static List<Family> of(List<FurtherToken> further) {
        if (further.isEmpty()) {
            return List.of();
        }
        Family family = Family.gauge(
                "further_token_verdict",
                "What is known of each further token: 1 for the verdict that holds.",
                "token",
                "verdict");
        for (FurtherToken token : further) {
            String holds = token.situation().verdict().word();
            Verdict.WORDS.forEach(word -> family.sample(word.equals(holds) ? 1 : 0, token.name(), word));
        }
        return List.of(family);
    }
}
