package io.tokenguardian.verdict;

import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.concurrent.Backoff;
import io.tokenguardian.replica.Finding;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the probes show about one token: over consecutive new connections, and the refusals of known replicas.
 * Immutable.
 *
 * @param confirmed on how many new connections in a row it was accepted; 0 while a replica is known to refuse it as not
 *     yet valid
 * @param connections how many new connections have received a response
 * @param unreachable why the last probes got no usable response; null after one
 * @param setbacks results without progress since the token was accepted or since a refusal whose end is known
 * @param pausedUntil the end of the last pause between probes
 * @param lastResult when the last result arrived, apart from acceptances by a replica that refused before
 */
public record Series(
        int confirmed,
        Verdict.@Nullable Accepted accepted,
        int connections,
        @Nullable Refusal refusal,
        @Nullable String unreachable,
        int setbacks,
        Instant pausedUntil,
        Instant lastResult) {

    public static final Series NONE = new Series(0, null, 0, null, null, 0, Instant.MIN, Instant.MIN);

    /** Of a token that a replica refused otherwise, so many times the usual acceptances count without that replica. */
    static final int ROWS_WITHOUT_REFUSER = 3;

    /** Limits the pauses to 2 s while one replica does not respond and others accept: it may be back soon. */
    private static final int MOST_SETBACKS_BESIDE_ACCEPTANCE = 3;

    /**
     * A refusal that waiting does not fix, until enough acceptances or a not-yet-valid refusal end it.
     *
     * @param verdict {@code Refused} or {@code Expired}
     * @param certificate that of the last replica that refused; null if unknown
     * @param counts false if another probe has yet to confirm it
     */
    public record Refusal(Verdict verdict, @Nullable String certificate, int inARow, boolean counts) {

        /** An expired token is refused until enough replicas accept it, whichever they are. */
        @Nullable
        Refusal afterAcceptance(boolean byAnother) {
            if (byAnother) {
                return this;
            }
            return verdict instanceof Verdict.Expired ? new Refusal(verdict, null, inARow, counts) : null;
        }
    }

    /** Returns the verdict that counts whatever other replicas show; null if none. */
    public @Nullable Verdict refused() {
        return refusal != null && refusal.counts() ? refusal.verdict() : null;
    }

    /** Counts a response over a new connection. */
    public Series answered() {
        return new Series(
                confirmed, accepted, connections + 1, refusal, unreachable, setbacks, pausedUntil, lastResult);
    }

    /**
     * Whether {@code inARow} acceptances over new connections are enough, of which {@code last} is the last. If a
     * replica refuses the token for another reason than its clock, either that replica must accept it too, or
     * {@code toMissRefuser} connections in a row, and many more than the usual, do not reach that replica.
     */
    public boolean isEnough(ProbeResult last, int inARow, int confirmations, int toRuleOutOthers, int toMissRefuser) {
        int needed =
                isRefuserUnmet(last) ? Math.max(ROWS_WITHOUT_REFUSER * confirmations, toMissRefuser) : confirmations;
        return inARow >= needed && connections >= toRuleOutOthers;
    }

    private boolean isRefuserUnmet(ProbeResult result) {
        return refusal != null
                && refusal.certificate() != null
                && !Objects.equals(refusal.certificate(), result.certificate());
    }

    /** After a usable response. */
    private Series after(
            ProbeResult result,
            int nowConfirmed,
            Verdict.@Nullable Accepted stillAccepted,
            @Nullable Refusal remaining,
            int nowSetbacks,
            Instant pauseEnd) {
        return new Series(
                nowConfirmed, stillAccepted, connections, remaining, null, nowSetbacks, pauseEnd, result.receivedAt());
    }

    /**
     * After an acceptance over a new connection.
     *
     * @param counts false while a replica is known to refuse the token as not yet valid; the row then begins anew
     * @param enough whether no further acceptance is needed, so that a refusal ends
     */
    public Series afterAcceptance(ProbeResult result, boolean counts, boolean enough, DoubleSupplier chance) {
        int count = counts ? confirmed + 1 : 0;
        Refusal remaining = refusal == null || enough ? null : refusal.afterAcceptance(isRefuserUnmet(result));
        int nowSetbacks = accepted == null ? Math.min(setbacks, MOST_SETBACKS_BESIDE_ACCEPTANCE) : 0;
        Instant at = result.receivedAt().plus(Pauses.requested(result.outcome(), Duration.ZERO, chance));
        Instant pauseEnd = remaining == null ? at : pauseEnd(remaining, count, at, chance);
        return after(result, count, accepted, remaining, nowSetbacks, pauseEnd);
    }

    /** Enough new connections in a row have led to acceptances. */
    public Series complete(Verdict.Accepted acceptance) {
        return new Series(confirmed, acceptance, connections, refusal, unreachable, 0, pausedUntil, lastResult);
    }

    /**
     * After the first of several consecutive acceptances, the current pause continues. While a replica is known to
     * refuse the token as not yet valid, acceptances are not counted, so each is followed by a pause.
     */
    private Instant pauseEnd(Refusal remaining, int count, Instant receivedAt, DoubleSupplier chance) {
        return switch (count) {
            case 0 -> receivedAt.plus(Pauses.REFUSED.pause(remaining.inARow(), chance));
            case 1 -> pausedUntil;
            default -> receivedAt;
        };
    }

    /** The next probe waits for a pause only if the refusal should already have ended, or if the clock is unknown. */
    public Series afterNotYetValid(TokenTerms terms, ProbeResult result, Waiting waiting, DoubleSupplier chance) {
        Instant from = terms.window().from();
        Instant date = result.date();
        Instant acceptsBy = waiting.acceptsBy(terms.window());
        boolean knownToWait = from != null
                && date != null
                && date.isBefore(from)
                && acceptsBy != null
                && result.receivedAt().isBefore(acceptsBy);
        Backoff backoff = acceptsBy == null ? Pauses.UNREACHABLE : Pauses.CROSSING;
        Duration pause = knownToWait ? Duration.ZERO : backoff.pause(setbacks + 1, chance);
        Instant pauseEnd = result.receivedAt().plus(pause);
        return after(result, 0, null, null, knownToWait ? 0 : setbacks + 1, pauseEnd);
    }

    /** After a refusal that waiting does not fix; {@code finding} is expired or refused. */
    public Series afterRefusal(TokenTerms terms, ProbeResult result, Finding finding, DoubleSupplier chance) {
        Instant until = terms.window().until();
        Verdict verdict = until != null && finding == Finding.EXPIRED
                ? new Verdict.Expired(result.address(), result.certificate(), until)
                : Verdict.Refused.of(result);
        boolean probeOnceMore = refusal == null
                && verdict instanceof Verdict.Refused
                && (accepted != null || terms.isYoungAt(result.date()));
        int inARow = refusal == null ? 1 : refusal.inARow() + 1;
        Backoff backoff = probeOnceMore ? Pauses.CROSSING : Pauses.REFUSED;
        Refusal latest = new Refusal(verdict, result.certificate(), inARow, !probeOnceMore);
        Instant pauseEnd = result.receivedAt().plus(backoff.pause(inARow, chance));
        return after(result, 0, probeOnceMore ? accepted : null, latest, setbacks + 1, pauseEnd);
    }

    /** Proves nothing: an acceptance or a refusal remains. Concurrent failures count as one. */
    public Series afterNoAnswer(ProbeResult result, DoubleSupplier chance) {
        boolean sideBySide = unreachable != null && result.sentAt().isBefore(lastResult);
        int failures = sideBySide ? setbacks : setbacks + 1;
        int inARow = accepted == null ? 0 : confirmed;
        String reason = result.outcome().explanation();
        Instant at = result.receivedAt();
        Instant pauseEnd =
                at.plus(Pauses.requested(result.outcome(), Pauses.UNREACHABLE.pause(failures, chance), chance));
        return new Series(inARow, accepted, connections, refusal, reason, failures, pauseEnd, at);
    }

    /** After a replica that refused before sent no usable response: only its {@code Retry-After} counts. */
    public Series afterLoss(ProbeResult result, DoubleSupplier chance) {
        Instant at = result.receivedAt();
        Instant pauseEnd = at.plus(Pauses.requested(result.outcome(), Duration.ZERO, chance));
        return new Series(confirmed, accepted, connections, refusal, unreachable, setbacks, pauseEnd, at);
    }

    /** Whether probes have shown no trouble since the token was accepted. */
    boolean isSettled() {
        return refusal == null && unreachable == null;
    }
}
