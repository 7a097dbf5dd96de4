package io.tokenguardian.status;

import io.tokenguardian.guardian.ObservedReplica;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Finding;
import io.tokenguardian.verdict.Verdict;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is said of a token that some replicas accept, although the verdict on it is not {@code accepted}. */
final class PartialAcceptance {
    private static final String PROXY = "; requests through the proxy go there";

    private PartialAcceptance() {}

    /** Adds to {@code ofVerdict}, which explains the verdict alone. */
    static Explanation explain(TokenStatus tokenStatus, Explanation ofVerdict) {
        Explanation refusal = tokenStatus.verdict() instanceof Verdict.Pending
                ? new Explanation("Whether every replica accepts it is not known yet.", "")
                : ofVerdict;
        String requests = tokenStatus.usable().hasProxy() ? PROXY : "";
        return new Explanation(acceptance(tokenStatus) + requests + ". " + refusal.sentence(), refusal.advice());
    }

    private static String acceptance(TokenStatus tokenStatus) {
        Token token = tokenStatus.token();
        if (token == null || !tokenStatus.usable().tokens().contains(token)) {
            return "Some replicas accept another token of this pod";
        }
        List<ObservedReplica> replicas = tokenStatus.replicas();
        long accepting = replicas.stream()
                .filter(replica -> replica.finding() == Finding.ACCEPTED)
                .count();
        boolean countable = accepting > 0 && accepting < replicas.size() && areCountable(tokenStatus);
        return countable
                ? accepting + " of the " + replicas.size() + " replicas met so far "
                        + (accepting == 1 ? "accepts" : "accept") + " the token"
                : "Some replicas accept the token";
    }

    /**
     * Whether the findings can be counted: all are about this token, and no replica is counted twice. Several observed
     * replicas with one certificate may be one replica whose clock was set.
     */
    private static boolean areCountable(TokenStatus tokenStatus) {
        Set<@Nullable String> certificates = new HashSet<>();
        return tokenStatus.candidate() == null
                && tokenStatus.usable().tokens().size() == 1
                && tokenStatus.replicas().stream()
                        .allMatch(replica -> replica.certificate() != null && certificates.add(replica.certificate()));
    }
}
