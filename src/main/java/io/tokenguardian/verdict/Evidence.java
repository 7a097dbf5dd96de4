package io.tokenguardian.verdict;

import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.concurrent.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the probe results so far show about one token. Immutable: each result makes new evidence.
 *
 * @param confirmed how many new connections in a row accepted the token; 0 while a replica is known to refuse
 * @param accepted the accepted verdict; null if not reached
 * @param refusingReplicas the replicas that refused the token as not yet valid, and have not accepted it since
 * @param connections how many new connections were answered since the set of replicas was last known to change
 * @param refusals how many refusals that waiting does not fix came in a row. A refusal as not yet valid ends the row.
 *     So does an acceptance over a new connection, unless {@code failedAt} stays after it
 * @param failure {@code Refused} or {@code Expired}, until acceptances or a refusal as not yet valid end it; otherwise
 *     {@code Unreachable} if the last new connection brought no answer, and no refusal as not yet valid has come since;
 *     else null. Also null after a first refusal that is not believed yet: one more probe checks it
 * @param failedAt the certificate of the replica with the last of the {@code refusals}, until it accepts or is not
 *     observed again; null without refusals, or if it is unknown
 * @param setbacks how many results brought no progress, since the token was accepted or a refusal came whose end is
 *     known
 * @param pausedUntil the end of the last pause. Probes wait for it, except probes that a clock estimate times, and new
 *     connections that {@link Usability} requests after an expired result
 * @param lastResult when the last result came, not counting an acceptance over the connection of a refusing replica
 */
public record Evidence(
        int confirmed,
        Verdict.@Nullable Accepted accepted,
        List<RefusingReplica> refusingReplicas,
        int connections,
        int refusals,
        @Nullable Verdict failure,
        @Nullable String failedAt,
        int setbacks,
        Instant pausedUntil,
        Instant lastResult) {

    /** The evidence before the first probe. */
    public static final Evidence NONE = new Evidence(0, null, List.of(), 0, 0, null, null, 0, Instant.MIN, Instant.MIN);

    /**
     * If a replica that refuses the token is not observed again, at least this many times the usual number of
     * confirmations in a row is needed.
     */
    static final int ROWS_WITHOUT_REFUSER = 3;

    /** With more refusing replicas than this, a new replica is dropped if it is likely among them. */
    static final int MOST_REFUSING = 3;

    /**
     * The most setbacks that count after an acceptance. So the pauses after a replica without a response grow to 2 s
     * while others accept: it may be back soon.
     */
    private static final int MOST_SETBACKS_BESIDE_ACCEPTANCE = 3;

    /** The result of a probe, and what it shows by itself about the token. */
    public record JudgedResult(ProbeResult result, Finding finding) {
        public static JudgedResult of(TokenTerms terms, ProbeResult result) {
            return new JudgedResult(result, Finding.of(terms, result));
        }
    }

    public Evidence {
        refusingReplicas = List.copyOf(refusingReplicas);
    }

    /**
     * The evidence with the result of the first probe over a new connection.
     *
     * @param connection a number not used before for this token
     * @param open whether that connection can be used again
     * @param chance returns a random number from 0 (inclusive) to 1 (exclusive), for the pauses
     */
    public Evidence afterNewConnection(
            TokenTerms terms, int connection, JudgedResult judged, boolean open, DoubleSupplier chance) {
        ProbeResult result = judged.result();
        Evidence before = onlyOutstanding(terms, result.sentAt(), judged.finding() == Finding.UNREACHABLE ? 0 : 1);
        return switch (judged.finding()) {
            case ACCEPTED -> before.confirmed(terms, result, chance);
            case NOT_YET_VALID ->
                before.notYet(terms, result, RefusingReplica.of(connection, result, open), chance)
                        .withoutSurplus(connection, result.receivedAt());
            case EXPIRED, REFUSED -> before.refused(terms, judged, chance);
            case UNREACHABLE -> before.unanswered(result, chance);
        };
    }

    /** The evidence with another result over the connection of a known refusing replica. */
    public Evidence afterSameConnection(
            TokenTerms terms, int connection, JudgedResult judged, boolean open, DoubleSupplier chance) {
        ProbeResult result = judged.result();
        RefusingReplica refusingReplica = refusingReplica(connection);
        return switch (judged.finding()) {
            case ACCEPTED -> withRefusingReplicas(without(connection));
            case NOT_YET_VALID -> notYet(terms, result, refusingReplica.withRefusal(result, open), chance);
            case EXPIRED, REFUSED -> withRefusingReplicas(without(connection)).refused(terms, judged, chance);
            case UNREACHABLE -> lost(refusingReplica, result);
        };
    }

    /**
     * The evidence with a new row of acceptances, since not each replica has to be in the present one: the set of
     * replicas has changed, or a silent replica was left out. An acceptance that was reached stays until a replica
     * refuses.
     *
     * @param acceptedBefore what {@code accepted} was before the last result. An acceptance that only this result
     *     reached does not stay: it counted the present row
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
     * The replicas that may still refuse at {@code now}. A replica with an open connection counts until it accepts. A
     * replica with a lost connection counts until its clock has certainly reached the validity window, and not at all
     * if its responses had no {@code Date}: then nothing is known of its clock.
     */
    List<RefusingReplica> outstanding(TokenTerms terms, Instant now) {
        Instant from = terms.window().from();
        return from == null
                ? List.of()
                : refusingReplicas.stream()
                        .filter(refusingReplica -> isOutstanding(refusingReplica, from, now))
                        .toList();
    }

    /** Whether another probe over {@code connection} may still be useful. */
    public boolean mayProbeAgain(int connection) {
        return refusingReplicas.stream()
                .anyMatch(refusingReplica -> refusingReplica.connection() == connection && refusingReplica.open());
    }

    private static boolean isOutstanding(RefusingReplica refusingReplica, Instant from, Instant now) {
        return refusingReplica.open() || clockMayBeBefore(refusingReplica, from, now);
    }

    private static boolean clockMayBeBefore(RefusingReplica refusingReplica, Instant from, Instant now) {
        Instant acceptsBy = refusingReplica.acceptsBy(from);
        return acceptsBy != null && now.isBefore(acceptsBy);
    }

    /**
     * One more acceptance. If a replica refuses the token for good, the others' acceptances are not enough: either that
     * replica accepts too, or many more new connections in a row are accepted without meeting it.
     */
    private Evidence confirmed(TokenTerms terms, ProbeResult result, DoubleSupplier chance) {
        String user =
                result.outcome() instanceof ProbeOutcome.Authenticated authenticated ? authenticated.user() : null;
        int count = refusingReplicas.isEmpty() ? confirmed + 1 : 0;
        boolean refuserUnmet = failedAt != null && !failedAt.equals(result.certificate());
        int needed = refuserUnmet
                ? Math.max(ROWS_WITHOUT_REFUSER * terms.confirmations(), terms.connections())
                : terms.confirmations();
        boolean refused = (refuserUnmet || failure instanceof Verdict.Expired) && count < needed;
        Verdict.Accepted acceptance = accepted == null && count >= needed && connections >= terms.connections()
                ? new Verdict.Accepted(result.receivedAt(), user)
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
     * The end of the pause after an acceptance while a replica refuses. The first of a row waits for the pause that is
     * under way, the others follow at once. While a replica is known to refuse as not yet valid, no row begins, so each
     * waits.
     */
    private Instant pauseEndWhileRefused(int count, Instant receivedAt, DoubleSupplier chance) {
        return switch (count) {
            case 0 -> receivedAt.plus(Pauses.REFUSED.pause(refusals, chance));
            case 1 -> pausedUntil;
            default -> receivedAt;
        };
    }

    /** A refusal that waiting fixes. Pauses only if the refusal should be over already, or the clock is unknown. */
    private Evidence notYet(
            TokenTerms terms, ProbeResult result, RefusingReplica refusingReplica, DoubleSupplier chance) {
        List<RefusingReplica> next = plus(without(refusingReplica.connection()), refusingReplica);
        Instant from = terms.window().from();
        Instant date = result.date();
        boolean knownToWait = date != null
                && from != null
                && date.isBefore(from)
                && clockMayBeBefore(refusingReplica, from, result.receivedAt());
        Backoff backoff = refusingReplica.clock() == null ? Pauses.UNREACHABLE : Pauses.CROSSING;
        Duration pause = knownToWait ? Duration.ZERO : backoff.pause(setbacks + 1, chance);
        return new Evidence(
                0,
                null,
                next,
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
        Verdict refusal = refusalVerdict(terms, judged);
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

    private static Verdict refusalVerdict(TokenTerms terms, JudgedResult judged) {
        ProbeResult result = judged.result();
        Instant until = terms.window().until();
        return until != null && judged.finding() == Finding.EXPIRED
                ? new Verdict.Expired(result.address(), result.certificate(), until)
                : new Verdict.Refused(
                        result.address(),
                        result.certificate(),
                        result.outcome() instanceof ProbeOutcome.Unauthorized refused ? refused.reason() : null);
    }

    /**
     * A missing response proves nothing. An acceptance, {@code Refused} or {@code Expired} stays. Probes side by side
     * that fail are one setback.
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
                        : new Verdict.Unreachable(explanation(result.outcome())),
                failedAt,
                failures,
                result.receivedAt().plus(pause(result.outcome(), Pauses.UNREACHABLE.pause(failures, chance))),
                result.receivedAt());
    }

    /** A refusing replica sent no usable response. Its clock estimate and its {@code Retry-After} are kept. */
    private Evidence lost(RefusingReplica refusingReplica, ProbeResult result) {
        return new Evidence(
                confirmed,
                accepted,
                plus(without(refusingReplica.connection()), refusingReplica.withoutConnection(result.receivedAt())),
                connections,
                refusals,
                failure,
                failedAt,
                setbacks,
                result.receivedAt().plus(pause(result.outcome(), Duration.ZERO)),
                result.receivedAt());
    }

    private static String explanation(ProbeOutcome outcome) {
        if (outcome instanceof ProbeOutcome.Unavailable unavailable) {
            return unavailable.explanation();
        }
        return outcome instanceof ProbeOutcome.Unreachable unreachable ? unreachable.explanation() : "";
    }

    private static Duration pause(ProbeOutcome outcome, Duration atLeast) {
        Duration wished = outcome instanceof ProbeOutcome.Unavailable unavailable ? unavailable.retryAfter() : null;
        return wished != null && wished.compareTo(atLeast) > 0 ? wished : atLeast;
    }

    private Evidence onlyOutstanding(TokenTerms terms, Instant now, int answered) {
        return with(outstanding(terms, now), connections + answered);
    }

    /** Drops the refusing replica on {@code connection} if enough others are known, and it is likely one of them. */
    private Evidence withoutSurplus(int connection, Instant now) {
        return refusingReplicas.size() > MOST_REFUSING ? withoutRepresented(connection, now) : this;
    }

    /** Drops the refusal on {@code connection}, if its replica is likely known already. */
    public Evidence withoutRepresented(int connection, Instant now) {
        boolean represented = refusingReplicas.stream()
                .filter(refusing -> refusing.connection() == connection)
                .anyMatch(newest -> refusingReplicas.stream().anyMatch(other -> newest.isLikelyKnownAs(other, now)));
        return represented ? withRefusingReplicas(without(connection)) : this;
    }

    /** The same with these refusing replicas. */
    Evidence withRefusingReplicas(List<RefusingReplica> replicas) {
        return with(replicas, connections);
    }

    private Evidence with(List<RefusingReplica> replicas, int answered) {
        return new Evidence(
                confirmed,
                accepted,
                replicas,
                answered,
                refusals,
                failure,
                failedAt,
                setbacks,
                pausedUntil,
                lastResult);
    }

    private RefusingReplica refusingReplica(int connection) {
        return refusingReplicas.stream()
                .filter(refusingReplica -> refusingReplica.connection() == connection)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no refusing replica on connection " + connection));
    }

    private List<RefusingReplica> without(int connection) {
        return refusingReplicas.stream()
                .filter(refusingReplica -> refusingReplica.connection() != connection)
                .toList();
    }

    private static List<RefusingReplica> plus(List<RefusingReplica> replicas, RefusingReplica refusingReplica) {
        List<RefusingReplica> next = new ArrayList<>(replicas);
        next.add(refusingReplica);
        return next;
    }
}
