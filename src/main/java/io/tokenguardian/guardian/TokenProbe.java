package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.clock.Instants;
import io.tokenguardian.clock.Sample;
import io.tokenguardian.concurrent.Backoff;
import io.tokenguardian.guardian.ProbeConnections.Ended;
import io.tokenguardian.replica.Answer;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.KnownReplica;
import io.tokenguardian.replica.ReplicaLedger;
import io.tokenguardian.replica.Search;
import io.tokenguardian.replica.ValidityWindow;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.Judge;
import io.tokenguardian.verdict.Series;
import io.tokenguardian.verdict.TokenTerms;
import io.tokenguardian.verdict.Verdict;
import io.tokenguardian.verdict.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Probes a token: takes the results, and opens the connections that they require. Sending never blocks. Not
 * thread-safe.
 *
 * <p>Acceptances count while no replica is known to refuse as not yet valid, on enough new connections in a row
 * ({@link #isEnough}). The connection of a replica that refuses as not yet valid is kept and probed again when it may
 * accept. So is the connection of the first replica that refuses for another reason. After a refusal, a search opens
 * several connections at a time.
 */
final class TokenProbe implements AutoCloseable {
    /**
     * How many new connections are under way at most: with the first connection, as many as three replicas require.
     * While only one certificate is known, which several replicas may share, the verdict requires more. Usually, the
     * first results show a second certificate.
     */
    private static final int MOST_SIDE_BY_SIDE = 24;

    private static final Duration SEARCH_FOR_OLD_TOKEN = Duration.ofMinutes(1);

    /**
     * A new connection is opened if none was for this time, unless the proxy's responses have shown each clock since.
     * Multiplied by 0.75 to 1.5, so that the guardians of many pods do not open theirs together. At a pod's start, the
     * first is multiplied by 0.01 to 1, so that soon after the start of many pods, some open theirs.
     */
    static final Duration SAMPLE = Duration.ofMinutes(5);

    /** The pause between two probes over the same connection while a reader watches the status. */
    static final Duration WATCH = Duration.ofSeconds(1);

    /** The pause before a search that an acceptance over one of the proxy's connections causes. */
    private static final Duration AFTER_ACCEPTANCE = Duration.ofSeconds(5);

    /** How long connections count that rule out a further replica: a replica seldom joins in less time. */
    private static final Duration KNOWN_FOR = Duration.ofHours(6);

    /**
     * After so many refusals in a row, some 25 minutes, other connections show whether their replica is still behind
     * the address. Each time, they are three on average.
     */
    private static final int MOST_REFUSALS = 60;

    /** The same, some two and a half minutes, while a pod's start waits and another replica accepts. */
    private static final int MOST_REFUSALS_AT_START = 10;

    /** After so many responses in a row over its connection that show nothing, they show it too. */
    private static final int MOST_UNUSABLE = 20;

    private static final int NO_CONNECTION = -1;

    private final TokenReading.Present reading;
    private final TokenTerms terms;
    private final ReplicaLedger ledger;
    private final BooleanSupplier watched;
    private final DoubleSupplier chance;
    private final ProbeConnections connections;

    private Series series = Series.NONE;

    /** The connections of the replicas that refuse the token as not yet valid. */
    private final List<Waiting> waiting = new ArrayList<>();

    // The search for a replica that accepts.
    private final Search search;
    private boolean usable; // whether a replica is known to accept
    private boolean wasAccepted; // whether enough replicas have accepted it at some time
    private boolean doubted; // whether a search is under way although the token is usable
    private Instant searchPausedUntil = Instant.MIN; // after all connections of a search were refused

    /**
     * The certificates of the replicas that accepted the token over a new connection, and have not refused it since.
     */
    private final Set<String> accepting = new HashSet<>();

    private int extraProbes;

    /** The certificate of the replica whose refusal the extra probes repeat; null if a clock explains the refusal. */
    private @Nullable String sought;

    private Instant lastOpened; // when the last probe was sent over a new connection
    private Duration sample; // the pause before the next sample
    private final Instant begin; // when the first probe is due, if another token is in use
    private final boolean atStart; // whether no token was accepted when this token was read

    /** The connection of the first replica that refuses the token for another reason than that it is not yet valid. */
    private int refusing = NO_CONNECTION;

    private int unusable; // how many responses in a row over this connection have shown nothing

    /** The connection that is probed while a reader watches the status. */
    private int watching = NO_CONNECTION;

    private Instant lastWatched = Instant.MIN;
    private boolean clocksMatter = true; // whether an unobserved replica's clock may make it refuse
    private @Nullable ProbeResult lastAcceptance; // over a new connection
    private Instant lastAccepted = Instant.MIN;
    private Instant unansweredAt = Instant.MIN; // when the last probe without a usable response ended
    private Instant silencePause = Instant.MIN; // ends also with a response to a later probe
    private Instant retryAfter = Instant.MIN;

    /**
     * {@code ledger} has the replicas observed so far, and {@code watched} returns whether a reader watches the status.
     * While another token is in use, no probe is sent before {@code begin}. {@code atStart} is true if no token has
     * been accepted so far. {@code onResult} is called on any thread when a result arrives, and must return at once.
     */
    TokenProbe(
            TokenReading.Present reading,
            TokenTerms terms,
            ApiServer apiServer,
            ReplicaLedger ledger,
            BooleanSupplier watched,
            Instant begin,
            boolean atStart,
            DoubleSupplier chance,
            Runnable onResult) {
        this.reading = reading;
        this.terms = terms;
        this.ledger = ledger;
        this.watched = watched;
        this.begin = begin;
        this.atStart = atStart;
        this.lastOpened = begin;
        this.chance = chance;
        this.connections = new ProbeConnections(reading.token(), apiServer, onResult);
        this.search = new Search(Search.AT_ONCE, Integer.MAX_VALUE, chance);
        this.sample = sample(0.75, 1.5);
    }

    TokenReading.Present reading() {
        return reading;
    }

    Token token() {
        return reading.token();
    }

    ValidityWindow window() {
        return terms.window();
    }

    Verdict verdict(Instant now) {
        return Judge.verdict(window(), series, waiting, now);
    }

    boolean isAccepted(Instant now) {
        return verdict(now) instanceof Verdict.Accepted;
    }

    /** Accepts the token without a probe. */
    void accept(Verdict.Accepted acceptance) {
        series = series.complete(acceptance);
        usable = true;
    }

    /** Whether some replica accepts the token, even if others do not. */
    boolean isUsable() {
        return usable;
    }

    /** Returns how many replicas are known to refuse the token, as far as replicas can be distinguished. */
    int refusers(Instant now) {
        return Judge.refusers(window(), series, waiting, now) + (provenRefusal(now) == null ? 0 : 1);
    }

    /** Returns the refusal by the replica that will accept first; null if unknown, or if one may already accept. */
    Verdict.@Nullable NotYetValid firstRefusalToEnd(Instant now) {
        // During the first search, another replica may accept the token immediately. Later, this is rare.
        return isSearching() ? null : Judge.firstToEnd(window(), waiting, now);
    }

    /** Schedules an extra probe, which is sent only while some replica accepts the token. */
    void scheduleExtraProbe() {
        extraProbes = Math.max(extraProbes, 1);
    }

    /** Takes a refusal of this token that the proxy received. */
    void onRefusal(Answer refusal) {
        boolean byClock = refusal.finding().isByClock();
        if (refusal.inDoubt()) {
            doubt();
        }
        if (byClock ? series.accepted() == null && !refusal.inDoubt() : series.refusal() != null) {
            return; // the probes for the verdict continue, or a replica is known to refuse
        }
        extraProbes = TokenTerms.connectionsToRuleOut(Math.max(1, ledger.assumed()));
        sought = byClock ? null : refusal.from().certificate();
    }

    /** Takes an acceptance of this token that the proxy received. */
    void onAcceptance(Instant at) {
        if (!usable && !isSearching() && at.isAfter(lastOpened.plus(AFTER_ACCEPTANCE))) {
            doubted = true;
            search.restart();
        }
    }

    /**
     * Returns the refusal that a replica's clock predicts for this token although it is accepted; null if none does.
     */
    Verdict.@Nullable NotYetValid provenRefusal(Instant now) {
        return isAccepted(now)
                ? Judge.lastToReach(
                        window(), ledger.shown(now).stream().filter(each -> each.isBefore(window(), now)), now)
                : null;
    }

    /** Returns the verdict on a token that is not in use: a {@link #provenRefusal} overrides its own probes. */
    Verdict candidateVerdict(Instant now) {
        Verdict.NotYetValid doubted = provenRefusal(now);
        return doubted == null ? verdict(now) : doubted;
    }

    /**
     * Returns when {@link #step} will next have something to do, or when the passing of time changes the verdict.
     * {@code current} means that the status is about this token, which then shows each replica's clock.
     */
    Instant nextStep(Instant now, boolean current) {
        if (isComplete() && connections.awaited() == 0) {
            return now;
        }
        return Stream.concat(
                        Stream.of(
                                connections.hasResult() ? now : Instant.MAX,
                                newConnectionAt(now, current),
                                refusingAgainAt(),
                                watchAt(current)),
                        waiting.stream().map(each -> probeAgainAt(each, now)))
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }

    /**
     * Takes the result of one probe, if any, and sends the probes that are due, without waiting. Returns whether the
     * verdict may have changed. {@code observer} receives the result before it affects this token's verdict.
     */
    boolean step(Instant now, boolean current, Consumer<Answer> observer) {
        boolean taken = takeResult(observer);
        boolean accepted = acceptIfComplete();
        while (!now.isBefore(newConnectionAt(now, current))) {
            extraProbes = Math.max(0, extraProbes - 1);
            lastOpened = now;
            sample = sample(0.75, 1.5);
            connections.openNew();
        }
        if (!now.isBefore(refusingAgainAt())) {
            connections.probeAgain(refusing);
        }
        if (!now.isBefore(watchAt(current))) {
            watch(now, current);
        }
        waiting.stream()
                .filter(each -> !now.isBefore(probeAgainAt(each, now)))
                .forEach(each -> connections.probeAgain(each.connection()));
        return taken || accepted;
    }

    private Instant probeAgainAt(Waiting each, Instant now) {
        return connections.isBeingProbed(each.connection())
                ? Instant.MAX
                : each.nextProbe(window(), series.pausedUntil(), now);
    }

    /** Returns when to probe the replica that refuses the token, over its connection. */
    private Instant refusingAgainAt() {
        return refusing == NO_CONNECTION || connections.isBeingProbed(refusing)
                ? Instant.MAX
                : Instants.later(series.pausedUntil(), retryAfter);
    }

    /** Returns when to probe the connection that a reader watches, or to close it. */
    private Instant watchAt(boolean current) {
        if (watching == NO_CONNECTION) {
            return isWatched(current) ? Instants.later(lastWatched.plus(WATCH), retryAfter) : Instant.MAX;
        }
        return connections.isBeingProbed(watching)
                ? Instant.MAX
                : Instants.later(lastWatched.plus(WATCH), isWatched(current) ? retryAfter : Instant.MIN);
    }

    private boolean isWatched(boolean current) {
        return current && series.accepted() != null && watched.getAsBoolean();
    }

    private void watch(Instant now, boolean current) {
        lastWatched = now;
        if (!isWatched(current)) {
            watching = NO_CONNECTION;
            closeUnneeded();
        } else if (watching == NO_CONNECTION) {
            lastOpened = now;
            watching = connections.openNew();
        } else {
            connections.probeAgain(watching);
        }
    }

    private void closeUnneeded() {
        connections.keep(connection -> connection == watching
                || connection == refusing
                || waiting.stream().anyMatch(each -> each.connection() == connection && each.open()));
    }

    /** Returns when the next new connection is due, with the others under way. */
    private Instant newConnectionAt(Instant now, boolean current) {
        if (!current && now.isBefore(begin)) {
            return begin;
        }
        int awaited = connections.awaited();
        if (isComplete()) {
            return Instant.MAX; // the verdict waits for the results of the others
        }
        int most = series.unreachable() == null ? MOST_SIDE_BY_SIDE : 1; // one connection shows whether it is back
        if (awaited < Math.min(wantedAtOnce(now), most)) {
            return Instants.later(silencePause, retryAfter);
        }
        if (awaited > 0) {
            return Instant.MAX;
        }
        Instant alone = Stream.of(
                        refusing == NO_CONNECTION
                                ? Judge.nextNewConnection(window(), series, waiting, now)
                                : Instant.MAX,
                        extraProbes > 0 && usable ? series.pausedUntil() : Instant.MAX,
                        current && usable ? Instants.later(sampleAt(now), series.pausedUntil()) : Instant.MAX,
                        Instants.later(nextSearch(now), silencePause))
                .min(Comparator.naturalOrder())
                .orElseThrow();
        return Instants.later(alone, retryAfter);
    }

    private Duration sample(double least, double most) {
        return Duration.ofNanos((long) (SAMPLE.toNanos() * (least + (most - least) * chance.getAsDouble())));
    }

    /** Returns when to probe a replica whose clock the proxy's responses have not shown for a while. */
    private Instant sampleAt(Instant now) {
        Instant shown = ledger.shown(now).stream()
                .map(KnownReplica::lastResultAt)
                .min(Comparator.naturalOrder())
                .orElse(lastOpened);
        return Instants.later(shown, lastOpened).plus(sample);
    }

    /** Returns how many new connections should be under way, without a wait for the results of the first. */
    private int wantedAtOnce(Instant now) {
        if (isSearching()) {
            // A start is in a hurry. Otherwise, another replica or another token is probably accepted.
            int atOnce = atStart && !doubted ? Search.SIDE_BY_SIDE : Math.max(1, search.refusedInARow());
            return Math.min(Search.AT_ONCE - search.refusedInARow(), Math.min(atOnce, Search.SIDE_BY_SIDE));
        }
        // A refusal that is yet to be confirmed is confirmed first, over its connection.
        if (series.refusal() == null && series.confirmed() > 0 && verdict(now) instanceof Verdict.Pending) {
            return connectionsLeft(now);
        }
        return usable && series.refusal() == null ? unmetLeft(now) : 0;
    }

    /** Returns how many more new connections must accept until the token counts as accepted. */
    private int connectionsLeft(Instant now) {
        return Math.max(terms.confirmations() - series.confirmed(), unmetLeft(now));
    }

    /** Returns how many new connections are still needed to reach every replica; 0 or less if none. */
    private int unmetLeft(Instant now) {
        return series.accepted() == null ? toRuleOutOthers(now) - series.connections() : 0;
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
        long unmet = known.stream().filter(each -> !accepting.contains(each)).count();
        return Math.min(needed, series.connections() + (int) unmet);
    }

    private boolean isSearching() {
        return (doubted || search.isSearching()) && search.refusedInARow() < Search.AT_ONCE;
    }

    /** Returns when the search opens its next connection after all its connections were refused. */
    private Instant nextSearch(Instant now) {
        if (isSearching()) {
            return now;
        }
        long in = usable || !search.isSearching() ? Search.AFTER_AN_EVENT : search.opensIn(nanos(now));
        return in == Search.AFTER_AN_EVENT ? Instant.MAX : Instants.later(now.plusNanos(in), searchPausedUntil);
    }

    private static long nanos(Instant instant) {
        return instant.getEpochSecond() * 1_000_000_000 + instant.getNano();
    }

    private void doubt() {
        if (usable && !doubted) {
            doubted = true;
            search.restart();
        }
    }

    /**
     * For a check that runs only once: blocks until a result arrives, unless the {@code received} results are enough.
     * Returns whether they are not. If replicas disagree, the verdict may remain pending. Twice as many results are
     * enough then.
     */
    boolean awaitResult(Instant now, int received) {
        int needed = Math.max(terms.confirmations(), toRuleOutOthers(now));
        Verdict verdict = verdict(now);
        if (verdict instanceof Verdict.Unreachable
                || received >= (verdict instanceof Verdict.Pending ? 2 : 1) * needed) {
            return false;
        }
        connections.awaitResult();
        return true;
    }

    /** Takes the next result, if any, and sends nothing. {@code observer} receives it before it counts. */
    private boolean takeResult(Consumer<Answer> observer) {
        Ended ended = connections.take();
        if (ended == null) {
            return false;
        }
        Answer answer = answer(ended.result());
        if (ended.isNew() || !(ended.result().outcome() instanceof ProbeOutcome.Unreachable)) {
            observer.accept(answer); // a known connection may be closed whatever the replica's state
        }
        take(ended, answer);
        if (ended.connection() == watching && !(ended.open() && answer.finding() == Finding.ACCEPTED)) {
            watching = NO_CONNECTION;
        }
        chooseRefusing(ended, answer.finding());
        closeUnneeded();
        return true;
    }

    /** Keeps the connection of the first replica that refuses, until it accepts. Meanwhile, others may accept. */
    private void chooseRefusing(Ended ended, Finding finding) {
        Series.Refusal refusal = series.refusal();
        boolean refuses = finding == Finding.REFUSED || finding == Finding.EXPIRED;
        int most = atStart && usable && !wasAccepted ? MOST_REFUSALS_AT_START : MOST_REFUSALS;
        boolean isOver = refusal == null || refusal.inARow() % most == 0;
        if (ended.connection() == refusing) {
            unusable = finding == Finding.UNREACHABLE ? unusable + 1 : 0;
        }
        boolean stays = ended.open() && (refuses || (finding == Finding.UNREACHABLE && unusable < MOST_UNUSABLE));
        if (isOver || (ended.connection() == refusing && !stays)) {
            refusing = NO_CONNECTION;
        } else if (refusing == NO_CONNECTION && ended.open() && refuses) {
            refusing = ended.connection();
            unusable = 0;
        }
    }

    private Answer answer(ProbeResult result) {
        String user = result.outcome() instanceof ProbeOutcome.Authenticated accepted ? accepted.user() : null;
        return new Answer(
                reading.token(),
                terms.read(result),
                Sample.of(result.sentAt(), result.receivedAt(), result.date()),
                result.receivedAt(),
                new Answer.Origin(result.address(), result.certificate(), result.names(), user),
                Answer.MetBy.PROBE,
                false);
    }

    private void take(Ended ended, Answer answer) {
        ProbeResult result = ended.result();
        Finding finding = answer.finding();
        Verdict.Accepted before = series.accepted();
        Series.Refusal refusalBefore = series.refusal();
        if (ended.isNew()) {
            takeNew(ended, answer);
        } else {
            takeAgain(ended, answer);
        }
        notePauses(ended, finding);
        boolean lost = before != null && series.accepted() == null;
        if (lost || (ended.isNew() && isNewRefusal(result, finding, refusalBefore))) {
            doubt();
        }
        if (finding == Finding.ACCEPTED) {
            lastAccepted = result.receivedAt();
        } else if (finding.isRefusal()) {
            accepting.remove(result.certificate());
        }
    }

    private void takeNew(Ended ended, Answer answer) {
        ProbeResult result = ended.result();
        Finding finding = answer.finding();
        waiting.removeIf(each -> !each.isOutstanding(window(), result.sentAt()));
        if (finding != Finding.UNREACHABLE) {
            noteWhetherClocksMatter(result);
            series = series.answered();
            ledger.countConnection(result.receivedAt());
        }
        switch (finding) {
            case ACCEPTED -> takeAcceptance(result);
            case NOT_YET_VALID -> wait(ended, answer, null);
            case EXPIRED, REFUSED -> series = series.afterRefusal(terms, result, finding, chance);
            case UNREACHABLE -> series = series.afterNoAnswer(result, chance);
        }
        searched(finding, result);
        if (series.accepted() == null || (sought != null && sought.equals(result.certificate()))) {
            extraProbes = 0; // the verdict requests what it needs, or the replica is reached
        }
    }

    /** Takes an acceptance over a new connection. */
    private void takeAcceptance(ProbeResult result) {
        lastAcceptance = result;
        boolean counts = waiting.isEmpty();
        if (counts && result.certificate() != null) {
            accepting.add(result.certificate());
        }
        boolean enough = counts && isEnough(result, series.confirmed() + 1);
        series = series.afterAcceptance(result, counts, enough, chance);
    }

    /** No acceptance is the last before the results of the other new connections under way are known. */
    private boolean acceptIfComplete() {
        if (lastAcceptance == null || !isComplete() || connections.awaited() > 0) {
            return false;
        }
        series = series.complete(Verdict.Accepted.of(lastAcceptance));
        if (atStart && !wasAccepted) {
            sample = sample(0.01, 1);
        }
        wasAccepted = true;
        return true;
    }

    /** Whether {@link #isEnough enough} has accepted, nothing refuses, and the token is not accepted yet. */
    private boolean isComplete() {
        return lastAcceptance != null
                && series.accepted() == null
                && series.refusal() == null
                && waiting.isEmpty()
                && series.confirmed() > 0
                && isEnough(lastAcceptance, series.confirmed());
    }

    /** @param inARow how many new connections in a row have led to acceptances, of which {@code last} is the last */
    private boolean isEnough(ProbeResult last, int inARow) {
        int toMissRefuser = TokenTerms.connectionsToRuleOut(ledger.assumed());
        return series.isEnough(last, inARow, terms.confirmations(), toRuleOutOthers(last.receivedAt()), toMissRefuser);
    }

    private void takeAgain(Ended ended, Answer answer) {
        ProbeResult result = ended.result();
        Finding finding = answer.finding();
        Waiting known = waiting.stream()
                .filter(each -> each.connection() == ended.connection())
                .findFirst()
                .orElse(null); // another connection that is kept
        if (known != null) {
            waiting.remove(known);
        }
        switch (finding) {
            case ACCEPTED -> {
                searched(finding, result);
                if (ended.connection() == refusing) {
                    takeAcceptance(result);
                }
            }
            case NOT_YET_VALID -> wait(ended, answer, known);
            case EXPIRED, REFUSED -> series = series.afterRefusal(terms, result, finding, chance);
            case UNREACHABLE -> takeUnanswered(ended, known);
        }
    }

    private void takeUnanswered(Ended ended, @Nullable Waiting known) {
        if (ended.open()) {
            series = series.afterNoAnswer(ended.result(), chance);
        } else if (known != null) {
            series = series.afterLoss(ended.result(), chance);
        }
        if (known != null) {
            Instant at = ended.result().receivedAt();
            waiting.add(ended.open() ? known.unusable(window(), at, series.pausedUntil()) : known.lost());
        }
    }

    private void wait(Ended ended, Answer answer, @Nullable Waiting before) {
        ProbeResult result = ended.result();
        Waiting after = Waiting.after(before, ended.connection(), answer, ended.open());
        series = series.afterNotYetValid(terms, result, after, chance);
        waiting.add(after);
        if (before == null && Judge.isSurplus(after, waiting, result.receivedAt())) {
            waiting.remove(after);
        }
    }

    private void searched(Finding finding, ProbeResult result) {
        if (finding == Finding.ACCEPTED) {
            usable = true;
            doubted = false;
            search.accepted();
        } else if (finding.isRefusal() && (!usable || doubted)) {
            search.found(finding, nanos(result.receivedAt()));
            if (search.refusedInARow() >= Search.AT_ONCE) {
                usable = false;
                searchPausedUntil = searchPause(result);
            }
        }
    }

    /** A replica may have issued the token just now, and then accepts it. Otherwise, a search is in no hurry. */
    private Instant searchPause(ProbeResult refusal) {
        return terms.mayBeIssuedNow(refusal.date())
                ? Instant.MIN
                : refusal.receivedAt().plus(SEARCH_FOR_OLD_TOKEN);
    }

    private void notePauses(Ended ended, Finding finding) {
        ProbeResult result = ended.result();
        Duration requested = result.outcome().retryAfter();
        if (requested != null) {
            retryAfter = Instants.later(retryAfter, result.receivedAt().plus(Backoff.lengthened(requested, chance)));
        }
        if (finding == Finding.UNREACHABLE && (ended.isNew() || result.outcome() instanceof ProbeOutcome.Unavailable)) {
            unansweredAt = result.receivedAt();
            silencePause = series.pausedUntil();
        } else if (ended.isNew() && !result.sentAt().isBefore(unansweredAt)) {
            silencePause = Instant.MIN;
        }
    }

    /** The probes of a search run concurrently: once one is accepted, refusals of the others start no new search. */
    private boolean isNewRefusal(ProbeResult result, Finding finding, Series.@Nullable Refusal before) {
        return finding == Finding.REFUSED
                && series.refused() instanceof Verdict.Refused
                && (before == null || !Objects.equals(before.certificate(), result.certificate()))
                && result.sentAt().isAfter(lastAccepted);
    }

    /** One replica's clock may be far ahead, so this node's clock is considered too. */
    private void noteWhetherClocksMatter(ProbeResult result) {
        boolean known = series.connections() > 0 && clocksMatter;
        clocksMatter = known
                || terms.mayBeRefusedBySomeClock(result.date())
                || terms.mayBeRefusedBySomeClock(result.receivedAt());
    }

    @Override
    public void close() {
        connections.close();
    }
}
