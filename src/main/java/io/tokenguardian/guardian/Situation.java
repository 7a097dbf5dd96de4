package io.tokenguardian.guardian;

import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading.Present;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All that a guardian knows at one instant; immutable. Instants are on the local time line.
 *
 * @param at when this was so
 * @param verdict on {@code token}, or why there is none
 * @param token the token that the verdict is about, and when it was written; null when no good one has been read
 * @param candidate the newer token that is to take over once it is accepted; null when there is none
 * @param candidateVerdict what is known of the candidate; null when there is none
 * @param replicas the API server replicas met so far
 * @param started whether any token was ever accepted
 * @param nodeClockShift how far the node's clock has moved against the time line since the start
 * @param basis what the verdict rests on
 */
public record Situation(
        Instant at,
        Verdict verdict,
        @Nullable Present token,
        @Nullable Token candidate,
        @Nullable Verdict candidateVerdict,
        List<ReplicaSighting> replicas,
        boolean started,
        Duration nodeClockShift,
        Basis basis) {

    public Situation {
        replicas = List.copyOf(replicas);
    }

    /** By the answers to requests with the token itself. */
    public Situation(
            Instant at,
            Verdict verdict,
            @Nullable Present token,
            @Nullable Token candidate,
            @Nullable Verdict candidateVerdict,
            List<ReplicaSighting> replicas,
            boolean started,
            Duration nodeClockShift) {
        this(at, verdict, token, candidate, candidateVerdict, replicas, started, nodeClockShift, Basis.REQUESTS);
    }

    /** Whether the token in use is accepted. */
    public boolean isAccepted() {
        return verdict instanceof Verdict.Accepted;
    }

    /** The token in use; null while none is accepted. */
    public @Nullable Token acceptedToken() {
        return isAccepted() && token != null ? token.token() : null;
    }

    /** Whether the API server has said anything of the token, good or bad. */
    public boolean isJudged() {
        return !(verdict instanceof Verdict.Pending
                || verdict instanceof Verdict.Unreadable
                || verdict instanceof Verdict.Unreachable);
    }

    /** Time left at {@code now} until the token is acceptable for certain; empty when nobody knows. */
    public Optional<Duration> untilAcceptable(Instant now) {
        if (!(verdict instanceof Verdict.NotYetValid notYet) || notYet.acceptableBy() == null) {
            return Optional.empty();
        }
        Duration left = Duration.between(now, notYet.acceptableBy());
        return Optional.of(left.isNegative() ? Duration.ZERO : left);
    }
}
