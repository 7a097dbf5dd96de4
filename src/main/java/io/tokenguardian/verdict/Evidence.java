package io.tokenguardian.verdict;

import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.concurrent.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the probe results so far show about whether every replica accepts a token. Immutable: each result creates new
 * evidence.
 *
 * @param confirmed on how many consecutive new connections the token was accepted; 0 while a replica is known to refuse
 *     it
 * @param accepted the accepted verdict; null if it has not been reached
 * @param refusingReplicas the replicas that refused the token as not yet valid and have not accepted it since
 * @param connections how many new connections have received a response since the set of replicas last changed, as far
 *     as is known
 * @param refusals the number of consecutive refusals that waiting does not fix. A not-yet-valid refusal resets it to 0.
 *     An acceptance over a new connection does too, unless it leaves {@code failedAt} set
 * @param failure {@code Refused} or {@code Expired}, until acceptances or a not-yet-valid refusal end it; otherwise
 *     {@code Unreachable} if the last new connection got no usable response and no not-yet-valid refusal has arrived
 *     since; else null. Also null after a first refusal that another probe has yet to confirm
 * @param failedAt the certificate of the replica that sent the last of the {@code refusals}, until that replica
 *     accepts, or the token is accepted on enough consecutive new connections without reaching it again; null without a
 *     refusal, or if the certificate is unknown
 * @param setbacks how many results have brought no progress since the token was accepted or since a refusal whose end
 *     is known
 * @param pausedUntil the end of the last pause. Probes wait until then, except probes timed by a clock estimate, and
 *     new connections that {@link Usability} requests after an expired result
 * @param lastResult when the last result arrived; an acceptance over the connection of a refusing replica does not
 *     count
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

    /** The evidence before the first probe. */
    public static final Evidence NONE =
            new Evidence(0, null, RefusingReplicas.NONE, 0, 0, null, null, 0, Instant.MIN, Instant.MIN);

    /**
     * The minimum factor by which the usual number of consecutive confirmations is multiplied if a replica that refuses
     * the token is not observed again.
     */
    static final int ROWS_WITHOUT_REFUSER = 3;

    /** Once more replicas than this refuse, a new refusing replica that is probably one of the others is dropped. */
    static final int MOST_REFUSING = 3;

    /**
     * The maximum number of setbacks after an acceptance. It limits the pauses to 2 s while one replica does not
     * respond and others accept, because that replica may be back soon.
     */
    private static final int MOST_SETBACKS_BESIDE_ACCEPTANCE = 3;

    /** The result of a probe, and what it shows about the token regardless of other results. */
    public record JudgedResult(ProbeResult result, Finding finding) {
        public static JudgedResult of(TokenTerms terms, ProbeResult result) {
            return new JudgedResult(result, Finding.of(terms, result));
        }
    }

    /**
     * Returns the evidence after the first probe over a new connection.
     *
     * @param connection a number that has not been used for this token before
     * @param open whether that connection can be used again
     * @param chance returns a random number from 0 (inclusive) to 1 (exclusive), for the pauses
     */
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
     * Returns the evidence with the count of consecutive acceptances reset to 0. This is needed when the set of
     * replicas has changed or a silent replica was skipped, because the current count may not cover every replica. An
     * accepted verdict that was reached before remains until a replica refuses.
     *
     * @param acceptedBefore the value of {@code accepted} before the last result. An accepted verdict that the last
     *     result produced does not remain, because it is based on the count that is reset
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
     * Returns the evidence after another acceptance. If a replica refuses the token permanently, acceptances by the
     * other replicas are not enough. Either that replica must accept too, or the token must be accepted on many more
     * consecutive new connections that do not reach it.
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
     * Returns the end of the pause that follows an acceptance while a replica refuses. After the first of several
     * consecutive acceptances, the current pause continues; the others cause no pause. While a replica is known to
     * refuse the token as not yet valid, acceptances are not counted, so each is followed by a pause.
     */
    private Instant pauseEndWhileRefused(int count, Instant receivedAt, DoubleSupplier chance) {
        return switch (count) {
            case 0 -> receivedAt.plus(Pauses.REFUSED.pause(refusals, chance));
            case 1 -> pausedUntil;
            default -> receivedAt;
        };
    }

    /**
     * Returns the evidence after a refusal that waiting fixes. The next probe waits for a pause only if the refusal
     * should already have ended, or if the clock is unknown.
     */
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

    /**
     * Returns the evidence after a probe without a usable response, which proves nothing. A previous acceptance,
     * {@code Refused} or {@code Expired} remains in effect. Concurrent probes that fail count as one setback.
     */
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

    /**
     * Returns the evidence after a probe to which a refusing replica sent no usable response. The replica's clock
     * estimate and its {@code Retry-After} are kept.
     */
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

    /** Returns a copy of this evidence with {@code replicas} as the refusing replicas. */
    Evidence withRefusingReplicas(RefusingReplicas replicas) {
        return with(replicas, connections, pausedUntil, lastResult);
    }

    private Evidence with(RefusingReplicas replicas, int answered, Instant pauseEnd, Instant resultAt) {
        return new Evidence(
                confirmed, accepted, replicas, answered, refusals, failure, failedAt, setbacks, pauseEnd, resultAt);
    }
}
