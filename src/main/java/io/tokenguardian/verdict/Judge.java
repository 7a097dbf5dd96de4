package io.tokenguardian.verdict;

import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.replica.Answer;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.ReplicaLedger;
import io.tokenguardian.replica.ValidityWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the results of one token's probes mean: its verdict, and what the verdict still needs. Not thread-safe.
 *
 * <p>Acceptances count on enough new connections in a row, while no replica is known to refuse as not yet valid.
 */
public final class Judge {
    /** How long connections count that rule out a further replica: a replica seldom joins in less time. */
    private static final Duration KNOWN_FOR = Duration.ofHours(6);

    /** Of a token that a replica refused otherwise, so many times the usual acceptances count without that replica. */
    private static final int ROWS_WITHOUT_REFUSER = 3;

    private static final Comparator<Verdict.NotYetValid> BY_SOONEST =
            Comparator.comparing(Verdict.NotYetValid::acceptableBy, Comparator.nullsLast(Comparator.naturalOrder()));

    private final TokenTerms terms;
    private final ReplicaLedger ledger;
    private Series series = Series.NONE;

    private final List<Waiting> waiting = new ArrayList<>();

    /** The certificates of the replicas that accepted the token over a new connection and have not refused it since. */
    private final Set<String> acceptors = new HashSet<>();

    private boolean clocksMatter = true; // whether an unobserved replica's clock may make it refuse
    private @Nullable ProbeResult lastAcceptance; // over a new connection

    public Judge(TokenTerms terms, ReplicaLedger ledger) {
        this.terms = terms;
        this.ledger = ledger;
    }

    public TokenTerms terms() {
        return terms;
    }

    public Series series() {
        return series;
    }

    public List<Waiting> waiting() {
        return Collections.unmodifiableList(waiting);
    }

    public Verdict verdict(Instant now) {
        Verdict refusal = series.refusalVerdict();
        if (refusal != null) {
            return refusal;
        }
        Verdict last = waits(now).max(BY_SOONEST).orElse(null);
        if (last != null) {
            return last;
        }
        if (series.accepted() != null) {
            return series.accepted();
        }
        return series.unreachable() == null ? new Verdict.Pending() : new Verdict.Unreachable(series.unreachable());
    }

    public boolean isAccepted(Instant now) {
        return verdict(now) instanceof Verdict.Accepted;
    }

    public boolean isOver(Instant now) {
        return !now.isBefore(terms.overAt());
    }

    /** Returns the refusal by the replica that will accept first; null if none is known to refuse as not yet valid. */
    public Verdict.@Nullable NotYetValid firstToEnd(Instant now) {
        return waits(now).min(BY_SOONEST).orElse(null);
    }

    private Stream<Verdict.NotYetValid> waits(Instant now) {
        ValidityWindow window = terms.window();
        Instant from = window.from();
        return from == null
                ? Stream.of()
                : waiting.stream()
                        .filter(each -> each.isOutstanding(window, now))
                        .map(each -> each.verdict(from, now));
    }

    /** Returns the refusal that a replica's clock predicts although the token is accepted; null if none does. */
    public Verdict.@Nullable NotYetValid predictedRefusal(Instant now) {
        ValidityWindow window = terms.window();
        Instant from = window.from();
        return from == null || !isAccepted(now)
                ? null
                : ledger.shown(now).stream()
                        .filter(each -> each.isBefore(window, now))
                        .map(each ->
                                Verdict.NotYetValid.of(each.address(), each.certificate(), each.clock(), from, now))
                        .max(BY_SOONEST)
                        .orElse(null);
    }

    /** Returns the verdict on a token that is not in use: a {@link #predictedRefusal} overrides its own probes. */
    public Verdict candidateVerdict(Instant now) {
        Verdict predicted = predictedRefusal(now);
        return predicted == null ? verdict(now) : predicted;
    }

    public int refusers(Instant now) {
        int byClock = (int) waiting.stream()
                .filter(each -> each.isOutstanding(terms.window(), now))
                .filter(each -> waiting.stream()
                        .noneMatch(other -> other.connection() < each.connection() && each.isLikelyKnownAs(other, now)))
                .count();
        return byClock + (series.refusal() == null ? 0 : 1) + (predictedRefusal(now) == null ? 0 : 1);
    }

    /**
     * Returns when a probe over a new connection is needed because the wait for a replica whose connection is lost ends
     * by its clock; {@link Instant#MAX} while the verdict waits for replicas over their own connections only. Null if
     * it waits for none.
     */
    public @Nullable Instant endOfWait(Instant now) {
        List<Waiting> outstanding = waiting.stream()
                .filter(each -> each.isOutstanding(terms.window(), now))
                .toList();
        return series.refusalVerdict() != null || outstanding.isEmpty()
                ? null
                : outstanding.stream()
                        .filter(each -> !each.open())
                        .map(each -> each.acceptsBy(terms.window()))
                        .filter(Objects::nonNull)
                        .min(Comparator.naturalOrder())
                        .orElse(Instant.MAX);
    }

    /** Returns how many more new connections must accept until the token counts as accepted. 0 or less if none. */
    public int connectionsLeft(Instant now) {
        if (series.accepted() != null || series.refusal() != null) {
            return 0;
        }
        int unmet = toRuleOutOthers(now) - series.connections();
        return series.confirmed() == 0 ? unmet : Math.max(terms.confirmations() - series.confirmed(), unmet);
    }

    /** Returns how many results a verdict takes at most, if the replicas agree. */
    public int resultsNeeded(Instant now) {
        return Math.max(terms.confirmations(), toRuleOutOthers(now));
    }

    /**
     * Returns how many new connections must have received a response until no further replica is assumed to exist. If
     * recent connections for any token rule out a further replica, it is enough that each known replica has accepted.
     */
    private int toRuleOutOthers(Instant now) {
        if (!clocksMatter) {
            return 0;
        }
        int assumed = ledger.assumed();
        int needed = TokenTerms.connectionsToRuleOut(assumed);
        Set<String> known = ledger.certificates();
        boolean areAllKnown = known.size() == assumed && ledger.connectionsSince(now.minus(KNOWN_FOR)) >= needed;
        if (!areAllKnown || series.refusal() != null) {
            return needed;
        }
        long unmet = known.stream().filter(each -> !acceptors.contains(each)).count();
        return Math.min(needed, series.connections() + (int) unmet);
    }

    /**
     * Takes a result; {@code byRefuser} is true if it came over the kept connection of a replica that refused. Returns
     * whether all replicas may refuse the token now, because a replica refuses it newly.
     */
    public boolean take(EndedProbe ended, Answer answer, boolean byRefuser, Instant pausedUntil) {
        ProbeResult result = ended.result();
        Finding finding = answer.finding();
        Series before = series;
        Waiting known = waiting.stream()
                .filter(each -> each.connection() == ended.connection())
                .findFirst()
                .orElse(null); // new, or another connection that is kept
        waiting.remove(known);
        if (ended.isNew()) {
            waiting.removeIf(each -> !each.isOutstanding(terms.window(), result.sentAt()));
            countConnection(result, finding);
        }
        switch (finding) {
            case ACCEPTED -> {
                if (ended.isNew() || byRefuser) {
                    takeAcceptance(result);
                }
            }
            case NOT_YET_VALID -> takeNotYetValid(ended, answer, known);
            case EXPIRED, REFUSED -> series = series.afterRefusal(terms, result, finding);
            case UNREACHABLE -> {
                if (ended.isNew() || ended.open()) {
                    series = series.afterNoAnswer(result);
                }
                if (known != null) {
                    waiting.add(known.afterNoAnswer(ended.open(), terms.window(), result.receivedAt(), pausedUntil));
                }
            }
        }
        if (finding.isRefusal()) {
            acceptors.remove(result.certificate());
        }
        return (before.accepted() != null && series.accepted() == null)
                || (ended.isNew() && isNewRefusal(result, finding, before.refusal()));
    }

    private void countConnection(ProbeResult result, Finding finding) {
        if (finding == Finding.UNREACHABLE) {
            return;
        }
        // One replica's clock may be far ahead, so this node's clock is considered too.
        clocksMatter = (series.connections() > 0 && clocksMatter)
                || terms.mayBeRefusedBySomeClock(result.date())
                || terms.mayBeRefusedBySomeClock(result.receivedAt());
        series = series.withConnection();
        ledger.countConnection(result.receivedAt());
    }

    private void takeAcceptance(ProbeResult result) {
        lastAcceptance = result;
        boolean counts = waiting.isEmpty();
        if (counts && result.certificate() != null) {
            acceptors.add(result.certificate());
        }
        series = series.afterAcceptance(result, counts, counts && isEnough(result, series.confirmed() + 1));
    }

    private void takeNotYetValid(EndedProbe ended, Answer answer, @Nullable Waiting before) {
        Waiting after = Waiting.after(before, ended.connection(), answer, ended.open());
        series = series.afterNotYetValid();
        boolean surplus =
                before == null && waiting.stream().anyMatch(other -> after.isLikelyKnownAs(other, answer.at()));
        if (!surplus) {
            waiting.add(after);
        }
    }

    /** The probes of a search run concurrently: once one is accepted, refusals of the others start no new search. */
    private boolean isNewRefusal(ProbeResult result, Finding finding, Series.@Nullable Refusal before) {
        return finding == Finding.REFUSED
                && series.refusalVerdict() instanceof Verdict.Refused
                && (before == null || !Objects.equals(before.certificate(), result.certificate()))
                && (lastAcceptance == null || result.sentAt().isAfter(lastAcceptance.receivedAt()));
    }

    /**
     * Whether {@code inARow} acceptances over new connections are enough, of which {@code last} is the last. If a
     * replica refuses the token for another reason than its clock, either that replica must accept it too, or many more
     * connections in a row than the usual do not reach that replica.
     */
    private boolean isEnough(ProbeResult last, int inARow) {
        int confirmations = terms.confirmations();
        int needed = series.isRefuserUnmet(last)
                ? Math.max(ROWS_WITHOUT_REFUSER * confirmations, TokenTerms.connectionsToRuleOut(ledger.assumed()))
                : confirmations;
        return inARow >= needed && series.connections() >= toRuleOutOthers(last.receivedAt());
    }

    /** Whether the token is accepted once no result of a probe over a new connection is missing. */
    public boolean lacksOnlyResults() {
        return lastAcceptance != null
                && series.accepted() == null
                && series.refusal() == null
                && waiting.isEmpty()
                && series.confirmed() > 0
                && isEnough(lastAcceptance, series.confirmed());
    }

    public void accept() {
        accept(Verdict.Accepted.of(Objects.requireNonNull(lastAcceptance)));
    }

    public void accept(Verdict.Accepted acceptance) {
        series = series.accept(acceptance);
    }
}
