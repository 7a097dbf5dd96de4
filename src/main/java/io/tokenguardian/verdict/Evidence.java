package io.tokenguardian.verdict;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.concurrent.Backoff;
import io.tokenguardian.replica.Finding;
import java.time.Duration;
import java.time.Instant;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the probe results so far show about whether every replica accepts a token. Immutable.
 *
 * @param confirmed on how many consecutive new connections it was accepted; 0 while a replica is known to refuse it
 * @param connections how many new connections have received a response since the set of replicas last changed
 * @param refusals the number of consecutive refusals that waiting does not fix. A not-yet-valid refusal resets it; so
 *     does an acceptance over a new connection, unless {@code failure} or {@code failedAt} remains
 * @param failure {@code Refused} or {@code Expired} until acceptances or a not-yet-valid refusal end it, or
 *     {@code Unreachable}; null also after a first refusal that another probe has yet to confirm
 * @param failedAt the certificate of the last replica that caused {@code refusals}, until it accepts or enough
 *     consecutive acceptances do not reach it; null also if unknown
 * @param setbacks results without progress since the token was accepted or since a refusal whose end is known
 * @param pausedUntil the end of the last pause. Probes timed by a clock estimate do not wait for it, nor do new
 *     connections that {@link Usability} requests after an expired result
 * @param lastResult when the last result arrived, apart from acceptances over the connection of a refusing replica
 */
public record Evidence(
        int confirmed,
        Verdict.@Nullable Accepted accepted,
        RefusingReplicas refusingReplicas,
        int connections,
        int refusals,
        @Nullable Verdict failure,
        @Nullable String failedAt,
        int setbacks,
        Instant pausedUntil,
        Instant lastResult) {

    public static final Evidence NONE =
            new Evidence(0, null, RefusingReplicas.NONE, 0, 0, null, null, 0, Instant.MIN, Instant.MIN);

    /** The usual number of confirmations is multiplied by this if a replica that refuses is not observed again. */
    static final int ROWS_WITHOUT_REFUSER = 3;

    /** Once more replicas than this refuse, a new refusing replica that is probably one of the others is dropped. */
    static final int MOST_REFUSING = 3;

    /** Limits the pauses to 2 s while one replica does not respond and others accept: it may be back soon. */
    private static final int MOST_SETBACKS_BESIDE_ACCEPTANCE = 3;

    /** The result of a probe, and what it shows about the token regardless of other results. */
    public record JudgedResult(ProbeResult result, Finding finding) {
        public static JudgedResult of(TokenTerms terms, ProbeResult result) {
            return new JudgedResult(result, finding(terms, result));
        }

        /** Without a {@code Date}, a 401 is judged by the local time, so the finding is only probable. */
        private static Finding finding(TokenTerms terms, ProbeResult result) {
            if (result.outcome() instanceof ProbeOutcome.Authenticated) {
                return Finding.ACCEPTED;
            }
            if (!(result.outcome() instanceof ProbeOutcome.Unauthorized)) {
                return Finding.UNREACHABLE;
            }
            return terms.window().refusedAt(result.date() == null ? result.receivedAt() : result.date());
        }
    }

    /** {@code connection} has not been used for this token before; {@code open} is whether it can be used again. */
    public Evidence afterNewConnection(
            TokenTerms terms, int connection, JudgedResult judged, boolean open, DoubleSupplier chance) {
        ProbeResult result = judged.result();
        int answered = judged.finding() == Finding.UNREACHABLE ? connections : connections + 1;
        Evidence before = with(refusingReplicas.outstanding(terms, result.sentAt()), answered, pausedUntil, lastResult);
        return switch (judged.finding()) {
            case ACCEPTED -> before.confirmed(terms, result, chance);
            case NOT_YET_VALID ->
                before.notYet(terms, result, RefusingReplica.of(connection, result, open), chance)
                        .withoutSurplus(connection, result.receivedAt());
            case EXPIRED, REFUSED -> before.refused(terms, judged, chance);
            case UNREACHABLE -> before.unanswered(result, chance);
        };
    }

    /** Returns the evidence after another probe over the connection of a known refusing replica. */
    public Evidence afterSameConnection(
            TokenTerms terms, int connection, JudgedResult judged, boolean open, DoubleSupplier chance) {
        ProbeResult result = judged.result();
        RefusingReplica refusingReplica = refusingReplicas.on(connection);
        return switch (judged.finding()) {
            case ACCEPTED -> withRefusingReplicas(refusingReplicas.without(connection));
            case NOT_YET_VALID -> notYet(terms, result, refusingReplica.withRefusal(result, open), chance);
            case EXPIRED, REFUSED ->
                withRefusingReplicas(refusingReplicas.without(connection)).refused(terms, judged, chance);
            case UNREACHABLE -> lost(refusingReplica, result);
        };
    }

    /**
     * Resets the count of acceptances, because it may not cover every replica. An accepted verdict remains until a
     * replica refuses, but only if it was reached before the last result ({@code acceptedBefore}).
     */
    public Evidence inNewRow(Verdict.@Nullable Accepted acceptedBefore) {
        return new Evidence(
                0,
                accepted == null ? null : acceptedBefore,
                refusingReplicas,
                0,
                refusals,
                failure,
                failedAt,
                setbacks,
                pausedUntil,
                lastResult);
    }

    /**
     * If a replica refuses the token permanently, acceptances by others are not enough. Either it must accept too, or
     * the token must be accepted on many more consecutive new connections that do not reach it.
     */
    private Evidence confirmed(TokenTerms terms, ProbeResult result, DoubleSupplier chance) {
        int count = refusingReplicas.isEmpty() ? confirmed + 1 : 0;
        boolean refuserUnmet = failedAt != null && !failedAt.equals(result.certificate());
        int needed = refuserUnmet
                ? Math.max(ROWS_WITHOUT_REFUSER * terms.confirmations(), terms.connections())
                : terms.confirmations();
        boolean refused = (refuserUnmet || failure instanceof Verdict.Expired) && count < needed;
        Verdict.Accepted acceptance = accepted == null && count >= needed && connections >= terms.connections()
                ? Verdict.Accepted.of(result)
                : accepted;
        return new Evidence(
                count,
                acceptance,
                refusingReplicas,
                connections,
                refused ? refusals : 0,
                refused ? failure : null,
                refused && refuserUnmet ? failedAt : null,
                acceptance == null ? Math.min(setbacks, MOST_SETBACKS_BESIDE_ACCEPTANCE) : 0,
                refused ? pauseEndWhileRefused(count, result.receivedAt(), chance) : result.receivedAt(),
                result.receivedAt());
    }

    /**
     * After the first of several consecutive acceptances, the current pause continues. While a replica is known to
     * refuse the token as not yet valid, acceptances are not counted, so each is followed by a pause.
     */
    private Instant pauseEndWhileRefused(int count, Instant receivedAt, DoubleSupplier chance) {
        return switch (count) {
            case 0 -> receivedAt.plus(Pauses.REFUSED.pause(refusals, chance));
            case 1 -> pausedUntil;
            default -> receivedAt;
        };
    }

    /** The next probe waits for a pause only if the refusal should already have ended, or if the clock is unknown. */
    private Evidence notYet(
            TokenTerms terms, ProbeResult result, RefusingReplica refusingReplica, DoubleSupplier chance) {
        Instant from = terms.window().from();
        Instant date = result.date();
        boolean knownToWait = date != null
                && from != null
                && date.isBefore(from)
                && refusingReplica.clockMayBeBefore(from, result.receivedAt());
        Backoff backoff = refusingReplica.clock() == null ? Pauses.UNREACHABLE : Pauses.CROSSING;
        Duration pause = knownToWait ? Duration.ZERO : backoff.pause(setbacks + 1, chance);
        return new Evidence(
                0,
                null,
                refusingReplicas.with(refusingReplica),
                connections,
                0,
                null,
                null,
                knownToWait ? 0 : setbacks + 1,
                result.receivedAt().plus(pause),
                result.receivedAt());
    }

    private Evidence refused(TokenTerms terms, JudgedResult judged, DoubleSupplier chance) {
        ProbeResult result = judged.result();
        Instant until = terms.window().until();
        Verdict refusal = until != null && judged.finding() == Finding.EXPIRED
                ? new Verdict.Expired(result.address(), result.certificate(), until)
                : Verdict.Refused.of(result);
        boolean askOnceMore = refusals == 0
                && refusal instanceof Verdict.Refused
                && (accepted != null || terms.isYoungAt(result.date()));
        Backoff backoff = askOnceMore ? Pauses.CROSSING : Pauses.REFUSED;
        return new Evidence(
                0,
                askOnceMore ? accepted : null,
                refusingReplicas,
                connections,
                refusals + 1,
                askOnceMore ? null : refusal,
                result.certificate(),
                setbacks + 1,
                result.receivedAt().plus(backoff.pause(refusals + 1, chance)),
                result.receivedAt());
    }

    /** Proves nothing: an acceptance, {@code Refused} or {@code Expired} remains. Concurrent failures count as one. */
    private Evidence unanswered(ProbeResult result, DoubleSupplier chance) {
        boolean sideBySide =
                failure instanceof Verdict.Unreachable && result.sentAt().isBefore(lastResult);
        int failures = sideBySide ? setbacks : setbacks + 1;
        return new Evidence(
                accepted == null ? 0 : confirmed,
                accepted,
                refusingReplicas,
                connections,
                refusals,
                failure instanceof Verdict.Refused || failure instanceof Verdict.Expired
                        ? failure
                        : new Verdict.Unreachable(result.outcome().explanation()),
                failedAt,
                failures,
                result.receivedAt()
                        .plus(Pauses.requested(result.outcome(), Pauses.UNREACHABLE.pause(failures, chance))),
                result.receivedAt());
    }

    /** Keeps the clock estimate and the {@code Retry-After} of a replica that sent no usable response. */
    private Evidence lost(RefusingReplica refusingReplica, ProbeResult result) {
        return with(
                refusingReplicas.with(refusingReplica.withoutConnection(result.receivedAt())),
                connections,
                result.receivedAt().plus(Pauses.requested(result.outcome(), Duration.ZERO)),
                result.receivedAt());
    }

    /** Drops the refusing replica on {@code connection} if enough others are known and it is probably one of them. */
    private Evidence withoutSurplus(int connection, Instant now) {
        return refusingReplicas.size() > MOST_REFUSING ? withoutRepresented(connection, now) : this;
    }

    /** Drops the refusal on {@code connection} if its replica is probably known already. */
    public Evidence withoutRepresented(int connection, Instant now) {
        return refusingReplicas.isLikelyKnown(connection, now)
                ? withRefusingReplicas(refusingReplicas.without(connection))
                : this;
    }

    Evidence withRefusingReplicas(RefusingReplicas replicas) {
        return with(replicas, connections, pausedUntil, lastResult);
    }

    private Evidence with(RefusingReplicas replicas, int answered, Instant pauseEnd, Instant resultAt) {
        return new Evidence(
                confirmed, accepted, replicas, answered, refusals, failure, failedAt, setbacks, pauseEnd, resultAt);
    }
}
