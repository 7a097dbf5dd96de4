package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.clock.Instants;
import io.tokenguardian.clock.Sample;
import io.tokenguardian.guardian.Pace.Due;
import io.tokenguardian.guardian.Pace.Use;
import io.tokenguardian.replica.Answer;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.ReplicaLedger;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.EndedProbe;
import io.tokenguardian.verdict.Judge;
import io.tokenguardian.verdict.TokenTerms;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A token that the guardian tracks: takes the results of its probes, and sends the probes that {@link Pace} requests.
 * Sending never blocks. Not thread-safe.
 *
 * <pre>
 *  read ──► probed: one new connection, after up to 10 s if another token is in use
 *    │
 *    ├─ accepted ──► usable ──► confirmed, and further replicas ruled out ──► accepted ──► a sample every 5 minutes
 *    │                 │                                                        │
 *    │                 │◄───────────────────── a replica refuses ◄──────────────┘
 *    │                 ▼
 *    ├─ refused ──► search: up to 24 new connections ──┬─ one accepts ──► usable
 *    │                                                 └─ none does ──► not usable; then one at a time, with pauses
 *    │    The connection of each replica that refuses as not yet valid is probed until the replica accepts.
 *    │    So is the connection of the first replica that refuses for another reason.
 *    │
 *    └─ no response ──► one new connection after each pause
 *
 *  Closed if {@link Rotation} does not need the token any more.
 * </pre>
 */
final class TokenProbe implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    /** The pause before a search that an acceptance over one of the proxy's connections causes. */
    private static final Duration AFTER_ACCEPTANCE = Duration.ofSeconds(5);

    private final TokenReading.Present reading;
    private final TokenTerms terms;
    private final ReplicaLedger ledger;
    private final ProbeConnections connections;
    private final Judge judge;
    private final TokenSearch search;
    private final Pauses pauses;
    private final RefuserConnection refuser = new RefuserConnection();
    private final Pace pace;

    /**
     * While another token is in use, no probe is sent before {@code begin}. {@code start} is true if no token has been
     * accepted so far. {@code onResult} is called on any thread when a result arrives, and must return at once.
     */
    TokenProbe(
            TokenReading.Present reading,
            TokenTerms terms,
            ApiServer apiServer,
            ReplicaLedger ledger,
            Instant begin,
            boolean start,
            DoubleSupplier chance,
            Runnable onResult) {
        this.reading = reading;
        this.terms = terms;
        this.ledger = ledger;
        this.connections = new ProbeConnections(reading.token(), apiServer, onResult);
        this.judge = new Judge(terms, ledger);
        this.search = new TokenSearch(terms, chance);
        this.pauses = new Pauses(chance);
        this.pace = new Pace(judge, search, pauses, refuser, connections, ledger, begin, start, chance);
    }

    TokenReading.Present reading() {
        return reading;
    }

    Token token() {
        return reading.token();
    }

    Judge judge() {
        return judge;
    }

    boolean isUsable() {
        return search.isUsable();
    }

    /** Returns the refusal by the replica that will accept first; null if unknown, or if one may already accept. */
    Verdict.@Nullable NotYetValid firstRefusalToEnd(Instant now) {
        // During the first search, another replica may accept the token immediately. Later, this is rare.
        return search.isInHurry() ? null : judge.firstToEnd(now);
    }

    /** Accepts the token without a probe. */
    void accept(Verdict.Accepted acceptance) {
        judge.accept(acceptance);
        search.accepted();
    }

    /** Schedules a probe, which is sent only while some replica accepts the token. */
    void recheck() {
        pace.recheck();
    }

    /** Takes what the proxy's connections show about this token. */
    void onAnswer(Answer answer) {
        if (answer.finding() != Finding.ACCEPTED) {
            onRefusal(answer);
        } else if (answer.at().isAfter(pace.lastOpened().plus(AFTER_ACCEPTANCE))) {
            search.takeHint();
        }
    }

    private void onRefusal(Answer refusal) {
        boolean byClock = refusal.finding().isByClock();
        if (refusal.inDoubt()) {
            search.doubt();
        }
        boolean pending =
                judge.series().accepted() == null && !refusal.inDoubt(); // the probes for the verdict continue
        boolean known = judge.series().refusal() != null;
        if (!(byClock ? pending : known)) {
            int probes = TokenTerms.connectionsToRuleOut(Math.max(1, ledger.assumed()));
            pace.takeReport(probes, byClock ? null : refusal.from().certificate());
        }
    }

    /** Returns when {@link #step} will next have something to do, or when the passing of time changes the verdict. */
    Instant nextStep(Instant now, Use use) {
        boolean isDue = connections.hasResult() || isComplete();
        return isDue ? now : pace.next(now, use).at();
    }

    private boolean isComplete() {
        return judge.lacksOnlyResults() && connections.awaited() == 0;
    }

    /**
     * Takes the result of one probe, if any, and sends the probes that are due, without waiting. Returns whether the
     * verdict may have changed. {@code observer} receives the result before it affects this token's verdict.
     */
    boolean step(Instant now, Use use, Consumer<Answer> observer) {
        EndedProbe ended = connections.take();
        if (ended != null) {
            take(ended, observer);
        }
        boolean accepted = isComplete();
        if (accepted) {
            judge.accept();
            pace.takeVerdict();
        }
        if (pace.endWatch(use) || ended != null) {
            connections.keep(pace::needs);
        }
        for (Due due = pace.next(now, use); !due.at().isAfter(now); due = pace.next(now, use)) {
            int connection = connections.probe(due.connection());
            LOG.debugf("probe=sent connection=%d reason=%s", connection, due.reason());
            pace.sent(due, connection, now);
        }
        return ended != null || accepted;
    }

    private void take(EndedProbe ended, Consumer<Answer> observer) {
        ProbeResult result = ended.result();
        Answer answer = answer(result);
        Finding finding = answer.finding();
        if (ended.isNew() || !(result.outcome() instanceof ProbeOutcome.Unreachable)) {
            observer.accept(answer); // a known connection may be closed whatever the replica's state
        }
        boolean byRefuser = ended.connection() == refuser.connection();
        pauses.takeResponse(ended, finding);
        boolean doubtful = judge.take(ended, answer, byRefuser, Instants.later(pauses.end(), pauses.retryAfter()));
        takePause(finding, result, ended.isNew() || byRefuser);
        if (ended.isNew()) {
            search.takeNew(finding, result);
        }
        if (finding == Finding.ACCEPTED) {
            search.accepted();
        }
        if (doubtful) {
            search.doubt();
        }
        pace.take(ended, finding == Finding.ACCEPTED);
        refuser.take(ended, finding, judge.series().refusal() != null, pace.isStartOfUsable());
    }

    private void takePause(Finding finding, ProbeResult result, boolean counts) {
        Instant at = result.receivedAt();
        switch (finding) {
            case ACCEPTED -> {
                if (counts) {
                    pauses.takeAcceptance(at, judge.series());
                }
            }
            case NOT_YET_VALID ->
                pauses.takeNotYetValid(at, result.date(), terms.window().from());
            case EXPIRED, REFUSED ->
                pauses.takeRefusal(at, Objects.requireNonNull(judge.series().refusal()));
            case UNREACHABLE -> {}
        }
    }

    private Answer answer(ProbeResult result) {
        String user = result.outcome() instanceof ProbeOutcome.Authenticated accepted ? accepted.user() : null;
        return new Answer(
                token(),
                terms.read(result),
                Sample.of(result.sentAt(), result.receivedAt(), result.date()),
                result.receivedAt(),
                new Answer.Origin(result.address(), result.certificate(), result.names(), user),
                Answer.MetBy.PROBE,
                false);
    }

    /**
     * For a check that runs only once: blocks until a result arrives, unless the {@code received} results are enough.
     * Returns whether they are not. If replicas disagree, the verdict may remain pending. Twice as many results are
     * enough then.
     */
    boolean awaitResult(Instant now, int received) {
        Verdict verdict = judge.verdict(now);
        if (verdict instanceof Verdict.Unreachable
                || received >= (verdict instanceof Verdict.Pending ? 2 : 1) * judge.resultsNeeded(now)) {
            return false;
        }
        connections.awaitResult();
        return true;
    }

    @Override
    public void close() {
        connections.close();
    }
}
