package io.tokenguardian.guardian;

import io.tokenguardian.clock.Timeline;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.replica.ValidityWindow;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
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
        Function<Instant, List<KnownReplica>> replicas) {

    /** Turns are at most about a minute apart while a token is known, and no token expires in a shorter gap. */
    static final Duration GAP = Duration.ofSeconds(90);

    /**
     * {@code before} is null for the first status. {@code readError} is null if the token's file can be read, or has
     * not been read yet.
     */
    TokenStatus statusAt(Instant now, @Nullable TokenStatus before, @Nullable String readError) {
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
                usable(current, before != null && before.usable().everAny(), now),
                replicas.apply(now),
                (before != null && before.everAccepted()) || verdict instanceof Verdict.Accepted,
                timeline.nodeClockShift(),
                current == null ? judgedBy : current.judgedBy(now),
                current == null ? null : readError,
                before == null ? null : resumedAt(before, now));
    }

    /** Compares times of the node's clock, because monotonic time may stand still while the computer sleeps. */
    private @Nullable Instant resumedAt(TokenStatus before, Instant now) {
        Instant last = before.at().plus(before.nodeClockShift());
        boolean gap = Duration.between(last, timeline.onNodeClock(now)).compareTo(GAP) > 0;
        Instant until = before.window().until();
        boolean hadEnded = until != null && !until.isAfter(last) && before.expiredInGapUntil() == null;
        return gap && judgedBy == JudgedBy.REQUESTS && before.token() != null && !hadEnded ? now : before.resumedAt();
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
