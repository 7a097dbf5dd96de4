package io.tokenguardian.status;

import io.tokenguardian.clock.OffsetInterval;
import io.tokenguardian.guardian.ObservedReplica;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Finding;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is said of a token that some replicas accept, while the verdict on it is another than accepted. */
final class PartialAcceptance {
    private static final String PROXY = "; requests through the proxy go there. ";

    private PartialAcceptance() {}

    /** Adds to {@code ofVerdict}, which explains the verdict alone. */
    static Explanation explain(TokenStatus tokenStatus, Explanation ofVerdict) {
        Explanation refusal = ofVerdict;
        if (tokenStatus.verdict() instanceof Verdict.Pending) {
            refusal = new Explanation("Whether every replica accepts it is not known yet.", "");
        } else if (tokenStatus.verdict() instanceof Verdict.Expired expired) {
            refusal = aheadOfTheOthers(expired, tokenStatus).orElse(ofVerdict);
        }
        return new Explanation(acceptance(tokenStatus) + PROXY + refusal.sentence(), refusal.advice());
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
        boolean countable = accepting > 0 && accepting < replicas.size() && isOneTokenOfDistinctReplicas(tokenStatus);
        return countable
                ? accepting + " of the " + replicas.size() + " replicas met so far "
                        + (accepting == 1 ? "accepts" : "accept") + " the token"
                : "Some replicas accept the token";
    }

    /**
     * Whether the findings can be counted: each is about this token, and each replica is another. With one certificate
     * the observed replicas may be one whose clock was set.
     */
    private static boolean isOneTokenOfDistinctReplicas(TokenStatus tokenStatus) {
        Set<@Nullable String> certificates = new HashSet<>();
        return tokenStatus.candidate() == null
                && tokenStatus.usable().tokens().size() == 1
                && tokenStatus.replicas().stream()
                        .allMatch(replica -> replica.certificate() != null && certificates.add(replica.certificate()));
    }

    /**
     * The explanation if only a replica's clock is to blame. Empty if that clock is unknown, or if the token has
     * expired by the node's clock too: kubelet should have replaced it before.
     */
    private static Optional<Explanation> aheadOfTheOthers(Verdict.Expired expired, TokenStatus tokenStatus) {
        Token token = Objects.requireNonNull(tokenStatus.token());
        Instant end = token.claims().expiresAt();
        Instant nodeClock = tokenStatus.at().plus(tokenStatus.nodeClockShift());
        if (end == null || !nodeClock.isBefore(end)) {
            return Optional.empty();
        }
        return clockOf(expired, tokenStatus)
                .map(ahead -> new Explanation(
                        "The API server " + Explanation.called(expired, tokenStatus) + ", whose clock is "
                                + Explanation.aheadOrBehind(ahead) + " this node's, takes the token for expired: by"
                                + " that clock it is past " + expired.until()
                                + ", the last moment at which it accepts the token.",
                        "Set that replica's clock right (NTP)."));
    }

    /** How far the clock of the replica that last called the token expired is ahead of the node's. */
    private static Optional<Duration> clockOf(Verdict.Expired expired, TokenStatus tokenStatus) {
        return tokenStatus.replicas().stream()
                .filter(replica -> replica.finding() == Finding.EXPIRED
                        && replica.address().equals(expired.address())
                        && Objects.equals(replica.certificate(), expired.certificate()))
                .max(Comparator.comparing(ObservedReplica::lastResultAt))
                .map(replica -> replica.aheadOfNode(tokenStatus.at(), tokenStatus.nodeClockShift()))
                .map(OffsetInterval::midpoint);
    }
}
