package io.tokenguardian.status;

import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The text about a token that some replicas accept although its verdict is not {@code accepted}. */
final class PartialAcceptance {
    private static final String PROXY = "; requests through the proxy go there";

    private static final String NOT_ALL_KNOW_IT =
            "A replica may not know the token's signing key yet, or the pod is being deleted and that replica's clock is"
                    + " ahead. ";

    private PartialAcceptance() {}

    /** Adds the replicas that accept the token to {@code ofVerdict}, which explains only the verdict. */
    static Explanation explain(TokenStatus tokenStatus, Explanation ofVerdict) {
        Explanation refusal = tokenStatus.verdict() instanceof Verdict.Pending
                ? new Explanation("It is not known yet whether every replica accepts it.", "")
                : ofVerdict;
        String requests = tokenStatus.usable().hasProxy() ? PROXY : "";
        if (tokenStatus.verdict() instanceof Verdict.Refused && isCountable(tokenStatus)) {
            return new Explanation(bothSides(tokenStatus) + requests + ".", NOT_ALL_KNOW_IT + ofVerdict.advice());
        }
        return new Explanation(acceptance(tokenStatus) + requests + ". " + refusal.sentence(), refusal.advice());
    }

    private static String acceptance(TokenStatus tokenStatus) {
        Token token = tokenStatus.token();
        if (token == null || !tokenStatus.usable().tokens().contains(token)) {
            return "Some replicas accept another token of this pod";
        }
        long accepting = accepting(tokenStatus);
        return isCountable(tokenStatus)
                ? accepting + " of the " + tokenStatus.replicas().size() + " known replicas "
                        + (accepting == 1 ? "accepts" : "accept") + " the token"
                : "Some replicas accept the token";
    }

    private static String bothSides(TokenStatus tokenStatus) {
        Map<Boolean, List<String>> names = NamedReplica.of(tokenStatus.replicas(), tokenStatus.at()).stream()
                .collect(Collectors.partitioningBy(
                        each -> each.observedReplica().finding() == Finding.ACCEPTED,
                        Collectors.mapping(NamedReplica::name, Collectors.toList())));
        List<String> refusing = names.getOrDefault(false, List.of());
        List<String> accepting = names.getOrDefault(true, List.of());
        return NamedReplica.joined(refusing, "and")
                + (refusing.size() == 1 ? " refuses" : " refuse")
                + " the token (401 Unauthorized) for a reason other than its validity time, "
                + NamedReplica.joined(accepting, "and")
                + (accepting.size() == 1 ? " accepts it" : " accept it");
    }

    private static long accepting(TokenStatus tokenStatus) {
        return tokenStatus.replicas().stream()
                .filter(replica -> replica.finding() == Finding.ACCEPTED)
                .count();
    }

    private static boolean isCountable(TokenStatus tokenStatus) {
        long accepting = accepting(tokenStatus);
        return accepting > 0 && accepting < tokenStatus.replicas().size() && areCountable(tokenStatus);
    }

    /** Whether all findings are about this token, and no replica, such as one whose clock was set, is counted twice. */
    private static boolean areCountable(TokenStatus tokenStatus) {
        Set<@Nullable String> certificates = new HashSet<>();
        return tokenStatus.candidate() == null
                && tokenStatus.usable().tokens().size() == 1
                && tokenStatus.replicas().stream()
                        .allMatch(replica -> replica.certificate() != null && certificates.add(replica.certificate()));
    }
}
