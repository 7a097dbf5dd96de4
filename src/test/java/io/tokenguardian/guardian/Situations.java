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
public final class Situations {
    public static final String ADDRESS = "10.96.0.1:443";
    public static final String USER = "system:serviceaccount:shop:cart";

    private Situations() {}

    /** Without a token. */
    public static Situation of(Instant at, Verdict verdict) {
        return new Situation(at, verdict, null, null, null, List.of(), false, Duration.ZERO);
    }

    /** About {@code token}, written when it was issued, on a node whose clock nobody has set. */
    public static Situation of(Instant at, Verdict verdict, Token token) {
        Instant issuedAt = token.claims().issuedAt();
        return of(at, verdict, token, issuedAt == null ? at : issuedAt);
    }

    /** About {@code token}, written at {@code writtenAt} by the node's clock. */
    public static Situation of(Instant at, Verdict verdict, Token token, Instant writtenAt) {
        return new Situation(
                at,
                verdict,
                new Present(token, writtenAt),
                null,
                null,
                List.of(),
                verdict instanceof Verdict.Accepted,
                Duration.ZERO);
    }

    public static Situation with(Situation situation, ReplicaSighting... replicas) {
        return new Situation(
                situation.at(),
                situation.verdict(),
                situation.token(),
                situation.candidate(),
                situation.candidateVerdict(),
                List.of(replicas),
                situation.started(),
                situation.nodeClockShift());
    }

    public static Situation with(Situation situation, Token candidate) {
        return new Situation(
                situation.at(),
                situation.verdict(),
                situation.token(),
                candidate,
                new Verdict.Pending(),
                situation.replicas(),
                situation.started(),
                situation.nodeClockShift());
    }

    public static Situation shifted(Situation situation, Duration nodeClockShift) {
        return new Situation(
                situation.at(),
                situation.verdict(),
                situation.token(),
                situation.candidate(),
                situation.candidateVerdict(),
                situation.replicas(),
                situation.started(),
                nodeClockShift);
    }

    public static Situation with(Situation situation, Basis basis) {
        return new Situation(
                situation.at(),
                situation.verdict(),
                situation.token(),
                situation.candidate(),
                situation.candidateVerdict(),
                situation.replicas(),
                situation.started(),
                situation.nodeClockShift(),
                basis);
    }

    /** A replica that was asked at {@code at}; its clock is between {@code offset} and a second more; null hides it. */
    public static ReplicaSighting replica(Finding finding, Instant at, @Nullable Duration offset) {
        ClockEstimate clock = offset == null ? null : ClockEstimate.of(new Sample(at, at, at.plus(offset)));
        return new ReplicaSighting(ADDRESS, "a", clock, finding, finding == Finding.ACCEPTED ? USER : null, at);
    }
}
