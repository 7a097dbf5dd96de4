package io.tokenguardian.guardian;

import io.tokenguardian.clock.Instants;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.replica.ValidityWindow;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading.Present;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a guardian knows about its token at one instant. Immutable. Instants are on the local timeline.
 *
 * @param reading the token that the verdict is about; null while no token has been read
 * @param window on the replica's clock; unbounded without a token
 * @param candidate the newer token that comes into use when it is accepted; null if none
 * @param nodeClockShift how far the node's clock has moved relative to the timeline since the start
 * @param off whether the guardian is off, and treats the token in the file as accepted
 * @param keptBecause why the token's file can't be read, if a token that was read earlier is kept; else null
 * @param resumedAt when the guardian last continued after a gap in which it did not run; null if never
 * @param refusedSince since when the token has been expired or refused, with pending verdicts in between; else null
 */
public record TokenStatus(
        Instant at,
        Verdict verdict,
        @Nullable Present reading,
        ValidityWindow window,
        @Nullable Candidate candidate,
        Usable usable,
        List<KnownReplica> replicas,
        boolean everAccepted,
        Duration nodeClockShift,
        boolean off,
        @Nullable String keptBecause,
        @Nullable Instant resumedAt,
        @Nullable Instant refusedSince) {

    /** How long kubelet may take to replace a token that expired while neither it nor the guardian ran. */
    static final Duration RENEWAL = Duration.ofMinutes(2);

    /** A longer time between two turns is a gap in which the guardian did not run. */
    static final Duration GAP = Duration.ofSeconds(90);

    public TokenStatus {
        replicas = List.copyOf(replicas);
    }

    public record Candidate(Token token, Verdict verdict) {}

    /**
     * The tokens that some replica accepts, even if others do not.
     *
     * @param everAny whether any token has ever been usable
     * @param first the refusal by the replica that will accept {@link #token()} first; null if usable, or if unknown
     */
    public record Usable(List<Token> tokens, boolean everAny, Verdict.@Nullable NotYetValid first) {
        public static final Usable NONE = new Usable(List.of(), false);

        public Usable {
            tokens = List.copyOf(tokens);
        }

        public Usable(List<Token> tokens, boolean everAny) {
            this(tokens, everAny, null);
        }
    }

    public @Nullable Token token() {
        return reading == null ? null : reading.token();
    }

    /** By how much, at most, the node's clock was ahead of the issuer's when the file was written; empty if unknown. */
    public Optional<Duration> nodeClockLead() {
        return Optional.ofNullable(reading).flatMap(Present::nodeClockLead);
    }

    /** Returns the leeway that is applied to the start of the token's validity; empty if the token has no start. */
    public Optional<Duration> leeway() {
        Token token = token();
        Instant from = window.from();
        return token == null || from == null
                ? Optional.empty()
                : token.claims().validFrom().map(validFrom -> Duration.between(from, validFrom));
    }

    public boolean isAccepted() {
        return verdict instanceof Verdict.Accepted;
    }

    /** Returns when the guardian continued after the gap in which the token expired; null if it expired in none. */
    public @Nullable Instant expiredInGapUntil() {
        Token token = token();
        Instant end = token == null ? null : token.claims().expiresAt();
        return resumedAt == null || end == null || end.isAfter(resumedAt.plus(nodeClockShift)) ? null : resumedAt;
    }

    /**
     * Returns {@link #resumedAt} of the next status. Compares times of the node's clock, because monotonic time may
     * stand still while the computer sleeps.
     */
    @Nullable
    Instant nextResumedAt(Instant now, Instant onNodeClock) {
        Instant last = at.plus(nodeClockShift);
        boolean gap = Duration.between(last, onNodeClock).compareTo(GAP) > 0;
        boolean hadEnded = window.until() != null && !window.until().isAfter(last) && expiredInGapUntil() == null;
        return gap && reading != null && !hadEnded ? now : resumedAt;
    }

    static @Nullable Instant refusedSince(
            @Nullable TokenStatus before, @Nullable Token token, Verdict verdict, boolean usable, Instant now) {
        TokenStatus same = before != null && Objects.equals(before.token(), token) ? before : null;
        Instant since = same == null ? null : same.refusedSince();
        if (verdict instanceof Verdict.Refused || verdict instanceof Verdict.Expired) {
            return since == null ? now : since;
        }
        return verdict instanceof Verdict.Pending && same != null && same.isUsable() == usable ? since : null;
    }

    /** Returns when waiting longer can't help any more; null if the verdict is neither expired nor refused. */
    public @Nullable Instant finalAt(Duration refusalFinalAfter) {
        if (refusedSince == null || verdict instanceof Verdict.Pending) {
            return null;
        }
        Instant resumed = verdict instanceof Verdict.Expired ? expiredInGapUntil() : null;
        return resumed == null
                ? refusedSince.plus(refusalFinalAfter)
                : Instants.later(refusedSince, resumed).plus(RENEWAL);
    }

    public @Nullable Token acceptedToken() {
        return isAccepted() ? token() : null;
    }

    public boolean isUsable() {
        return !usable.tokens().isEmpty();
    }

    public boolean isOnlyUsable() {
        return isUsable() && !isAccepted();
    }

    public @Nullable Token usableToken() {
        return isUsable() ? usable.tokens().get(0) : null;
    }

    public boolean isJudged() {
        return !(verdict instanceof Verdict.Pending
                || verdict instanceof Verdict.Unreadable
                || verdict instanceof Verdict.Unreachable);
    }

    /**
     * Whether the token, verdict, candidate or usability differs from {@code before}, the status at the last change.
     * Clocks and predictions do not count. Nor does a pending verdict, because it lasts for only a few probes.
     */
    public boolean isChangeFrom(@Nullable TokenStatus before) {
        return !(verdict instanceof Verdict.Pending) && (hasOtherVerdict(before) || hasOtherCandidate(before));
    }

    /** Also true if a token has become usable or is no longer usable. */
    public boolean hasOtherVerdict(@Nullable TokenStatus before) {
        return before == null
                || (isUsable() != before.isUsable() && !isAboutToBeAccepted())
                || !Objects.equals(token(), before.token())
                || !verdict.isAlike(before.verdict);
    }

    /** Whether the last replica may already accept the token. If it does, another change follows at once. */
    private boolean isAboutToBeAccepted() {
        return verdict instanceof Verdict.NotYetValid last
                && last.acceptableAfter() != null
                && !at.isBefore(last.acceptableAfter());
    }

    /** A candidate counts only while the token is accepted, and not while the candidate's verdict is pending. */
    public boolean hasOtherCandidate(@Nullable TokenStatus before) {
        Candidate known = before == null ? null : before.judgedCandidate();
        Candidate next = judgedCandidate();
        if (next == null) {
            return known != null && (candidate == null || !isAccepted());
        }
        return known == null
                || !next.token().equals(known.token())
                || !next.verdict().word().equals(known.verdict().word());
    }

    private @Nullable Candidate judgedCandidate() {
        return isAccepted() && candidate != null && !(candidate.verdict() instanceof Verdict.Pending)
                ? candidate
                : null;
    }

    /** Returns the time from {@code now} until all known replicas are certain to accept the token; empty if unknown. */
    public Optional<Duration> untilAcceptable(Instant now) {
        return verdict instanceof Verdict.NotYetValid last ? until(last, now) : Optional.empty();
    }

    /** Returns the time from {@code now} until the first replica is certain to accept the token; empty if unknown. */
    public Optional<Duration> untilUsable(Instant now) {
        return Optional.ofNullable(usable.first()).flatMap(first -> until(first, now));
    }

    private static Optional<Duration> until(Verdict.NotYetValid notYet, Instant now) {
        if (notYet.acceptableBy() == null) {
            return Optional.empty();
        }
        Duration left = Duration.between(now, notYet.acceptableBy());
        return Optional.of(left.isNegative() ? Duration.ZERO : left);
    }
}
