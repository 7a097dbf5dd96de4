package io.tokenguardian.guardian;

import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.clock.Sample;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading.Present;
import io.tokenguardian.verdict.Finding;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Situations as a guardian would publish them, for the tests of whatever shows them. */
public final class TokenStatuses {
    public static final String ADDRESS = "10.96.0.1:443";
    public static final String USER = "system:serviceaccount:shop:cart";

    private TokenStatuses() {}

    /** Without a token. */
    public static TokenStatus of(Instant at, Verdict verdict) {
        return new TokenStatus(at, verdict, null, null, null, List.of(), false, Duration.ZERO);
    }

    /** About {@code token}, written when it was issued, on a node whose clock nobody has set. */
    public static TokenStatus of(Instant at, Verdict verdict, Token token) {
        Instant issuedAt = token.claims().issuedAt();
        return of(at, verdict, token, issuedAt == null ? at : issuedAt);
    }

    /** About {@code token}, written at {@code writtenAt} by the node's clock. */
    public static TokenStatus of(Instant at, Verdict verdict, Token token, Instant writtenAt) {
        return new TokenStatus(
                at,
                verdict,
                new Present(token, writtenAt),
                null,
                null,
                List.of(),
                verdict instanceof Verdict.Accepted,
                Duration.ZERO);
    }

    public static TokenStatus with(TokenStatus tokenStatus, ObservedReplica... replicas) {
        return new TokenStatus(
                tokenStatus.at(),
                tokenStatus.verdict(),
                tokenStatus.token(),
                tokenStatus.candidate(),
                tokenStatus.candidateVerdict(),
                List.of(replicas),
                tokenStatus.started(),
                tokenStatus.nodeClockShift());
    }

    public static TokenStatus with(TokenStatus tokenStatus, Token candidate) {
        return new TokenStatus(
                tokenStatus.at(),
                tokenStatus.verdict(),
                tokenStatus.token(),
                candidate,
                new Verdict.Pending(),
                tokenStatus.replicas(),
                tokenStatus.started(),
                tokenStatus.nodeClockShift());
    }

    public static TokenStatus shifted(TokenStatus tokenStatus, Duration nodeClockShift) {
        return new TokenStatus(
                tokenStatus.at(),
                tokenStatus.verdict(),
                tokenStatus.token(),
                tokenStatus.candidate(),
                tokenStatus.candidateVerdict(),
                tokenStatus.replicas(),
                tokenStatus.started(),
                nodeClockShift);
    }

    public static TokenStatus with(TokenStatus tokenStatus, JudgedBy judgedBy) {
        return new TokenStatus(
                tokenStatus.at(),
                tokenStatus.verdict(),
                tokenStatus.token(),
                tokenStatus.candidate(),
                tokenStatus.candidateVerdict(),
                tokenStatus.replicas(),
                tokenStatus.started(),
                tokenStatus.nodeClockShift(),
                judgedBy);
    }

    /** A replica that was asked at {@code at}; its clock is between {@code offset} and a second more; null hides it. */
    public static ObservedReplica replica(Finding finding, Instant at, @Nullable Duration offset) {
        ClockEstimate clock = offset == null ? null : ClockEstimate.of(new Sample(at, at, at.plus(offset)));
        return new ObservedReplica(ADDRESS, "a", clock, finding, finding == Finding.ACCEPTED ? USER : null, at);
    }
}
