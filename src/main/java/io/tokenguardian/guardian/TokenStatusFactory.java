package io.tokenguardian.guardian;

import io.tokenguardian.clock.Timeline;
import io.tokenguardian.replica.ValidityWindow;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Creates the status of a {@link Rotation}; {@code judgedBy} applies until a token is read. Not thread-safe. */
record TokenStatusFactory(
        Rotation rotation,
        JudgedBy judgedBy,
        Timeline timeline,
        TokenSource tokenSource,
        Function<Instant, List<ObservedReplica>> replicas) {

    /** {@code readError} is null if the token's file can be read, or has not been read yet. */
    TokenStatus statusAt(Instant now, boolean everAccepted, boolean everUsable, @Nullable String readError) {
        GuardedToken current = rotation.current(now);
        GuardedToken candidate = rotation.candidate(now);
        Verdict verdict = current == null ? withoutToken(readError) : current.verdict(now);
        return new TokenStatus(
                now,
                verdict,
                current == null ? null : current.reading(),
                current == null ? ValidityWindow.UNBOUNDED : current.window(),
                candidate == null
                        ? null
                        : new TokenStatus.Candidate(candidate.token(), candidate.candidateVerdict(now)),
                usable(current, everUsable, now),
                replicas.apply(now),
                everAccepted || verdict instanceof Verdict.Accepted,
                timeline.nodeClockShift(),
                current == null ? judgedBy : current.judgedBy(now),
                current == null ? null : readError);
    }

    private TokenStatus.Usable usable(@Nullable GuardedToken current, boolean everUsable, Instant now) {
        List<Token> tokens = rotation.usableTokens(now);
        return new TokenStatus.Usable(
                tokens,
                everUsable || !tokens.isEmpty(),
                tokenSource.hasProxy(),
                current == null || !tokens.isEmpty() ? null : current.firstRefusalToEnd(now));
    }

    private static Verdict withoutToken(@Nullable String readError) {
        return readError == null ? new Verdict.Pending() : new Verdict.Unreadable(readError);
    }
}
