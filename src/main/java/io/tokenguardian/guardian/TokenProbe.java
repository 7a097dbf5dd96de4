package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.clock.Instants;
import io.tokenguardian.guardian.GuardianLoop.HeardRefusal;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.ValidityWindow;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.Evidence;
import io.tokenguardian.verdict.Evidence.JudgedResult;
import io.tokenguardian.verdict.Judge;
import io.tokenguardian.verdict.Judgement;
import io.tokenguardian.verdict.NextProbe;
import io.tokenguardian.verdict.TokenTerms;
import io.tokenguardian.verdict.Usability;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Probes a token when the judge requests it. Sending never blocks: a later step takes the result. Not thread-safe. */
final class TokenProbe implements GuardedToken {
    private final TokenReading.Present reading;
    private final TokenTerms ownTerms;
    private final NewConnections newConnections;
    private final SentProbes sent;
    private final ListedReplicas listed;
    private final TokenResults results;
    private final ProbeSchedule schedule;

    /** The refusal of this token that results about other tokens prove, and that lasts longest; null if none. */
    private Verdict.@Nullable NotYetValid provenRefusal;

    /**
     * {@code met} returns how many replicas have been distinguished so far; 0 if only the number of confirmations
     * decides. {@code onResult} is called on any thread when a result arrives, and must return at once.
     */
    TokenProbe(
            TokenReading.Present reading,
            TokenTerms.AcceptancePolicy policy,
            ApiServer apiServer,
            IntSupplier met,
            BooleanSupplier everAccepted,
            DoubleSupplier chance,
            Runnable onResult) {
        this.reading = reading;
        this.ownTerms = TokenTerms.of(reading.token(), policy);
        this.newConnections = new NewConnections(apiServer);
        this.sent = new SentProbes(reading.token(), newConnections, onResult);
        this.listed = new ListedReplicas(apiServer, everAccepted);
        this.results = new TokenResults(ownTerms, listed, met, chance);
        this.schedule = new ProbeSchedule(results, listed, sent);
    }

    @Override
    public TokenReading.Present reading() {
        return reading;
    }

    @Override
    public ValidityWindow window() {
        return ownTerms.window();
    }

    @Override
    public Verdict verdict(Instant now) {
        return judgement(now).verdict();
    }

    @Override
    public JudgedBy judgedBy(Instant now) {
        return JudgedBy.REQUESTS;
    }

    Judgement judgement(Instant now) {
        return results.judgement(now);
    }

    @Override
    public boolean isUsable(Instant now) {
        return results.usability().isUsable();
    }

    @Override
    public int refusers(Instant now) {
        return results.refusers(now) + (provenRefusal(now) == null ? 0 : 1);
    }

    @Override
    public Verdict.@Nullable NotYetValid firstRefusalToEnd(Instant now) {
        // During the first search, another replica may accept the token immediately. During later searches, this is
        // rare.
        Usability usability = results.usability();
        boolean open = usability.isSearching() && !usability.hasMissed();
        Judgement first = open ? null : results.judgeFirst(now);
        return first == null ? null : (Verdict.NotYetValid) first.verdict();
    }

    int connectionsNeeded() {
        return results.connectionsNeeded();
    }

    @Override
    public void scheduleExtraProbe() {
        schedule.requestExtra(1);
    }

    @Override
    public void onRefusal(HeardRefusal refusal) {
        if (refusal == HeardRefusal.BY_CLOCK && results.evidence().accepted() == null) {
            return; // the probes for the verdict continue
        }
        if (refusal == HeardRefusal.BY_EVERY_CLOCK) {
            results.doubt();
        }
        schedule.requestExtra(refusal == HeardRefusal.OTHER ? 1 : results.connectionsToEach());
    }

    @Override
    public void onResult(ProbeResult answer) {
        Verdict.NotYetValid proven = isAccepted(answer.receivedAt()) ? Judge.refusalProvenBy(ownTerms, answer) : null;
        if (end(proven).isAfter(end(provenRefusal))) {
            provenRefusal = proven;
        }
    }

    @Override
    public Verdict.@Nullable NotYetValid provenRefusal(Instant now) {
        return now.isBefore(end(provenRefusal)) && isAccepted(now) ? provenRefusal : null;
    }

    private static Instant end(Verdict.@Nullable NotYetValid refusal) {
        return refusal == null || refusal.acceptableBy() == null ? Instant.MIN : refusal.acceptableBy();
    }

    @Override
    public Instant nextStep(Instant now) {
        if (listed.haveChanged()) {
            return now;
        }
        Judgement judgement = judgement(now);
        return Stream.of(
                        nextResult(),
                        schedule.extraProbeAt(now),
                        newConnections.prepareAt(judgement.verdict()),
                        schedule.nextProbe(judgement, now).at())
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }

    /** Returns when {@link #takeResult} will next have something to do; {@link Instant#MAX} if never. */
    Instant nextResult() {
        return listed.silenceCounts() ? sent.nextResult() : Instants.earlier(sent.nextResult(), sent.nextPassOver());
    }

    @Override
    public boolean step(Instant now, Consumer<JudgedResult> observer) {
        if (takeResult(now, observer, true)) {
            return true;
        }
        if (results.restartIfReplicasChanged()) {
            restart();
        }
        Judgement judgement = judgement(now);
        if (!now.isBefore(newConnections.prepareAt(judgement.verdict()))) {
            newConnections.prepare(Math.min(results.connectionsLeft(), ProbeSchedule.MOST_SIDE_BY_SIDE), now);
        }
        while (!now.isBefore(schedule.extraProbeAt(now))) {
            schedule.onExtraSent();
            sent.sendNew(now);
        }
        NextProbe next = schedule.nextProbe(judgement, now);
        if (!now.isBefore(next.at())) {
            if (next instanceof NextProbe.SameConnection again) {
                sent.sendAgain(again.connection(), now);
            } else {
                sent.sendNew(now);
            }
        }
        return false;
    }

    /** Blocks until a result arrives. Sends a probe first if none is in progress. */
    void awaitResult(Instant now) {
        sent.awaitResult(now);
    }

    /**
     * Takes the next result, if any. {@code observer} receives it before it becomes part of the evidence. With
     * {@code follow}, sends the probes that should follow it.
     */
    boolean takeResult(Instant now, Consumer<JudgedResult> observer, boolean follow) {
        SentProbes.Ended ended = sent.take(now, follow);
        String silent = ended != null || listed.silenceCounts() ? null : sent.passOver(now);
        if (silent != null) {
            listed.passOver(silent);
            if (listed.unasked() == 0) {
                newConnections.endRound();
            }
            return takeResult(now, observer, follow);
        }
        if (ended == null) {
            return false;
        }
        JudgedResult judged = JudgedResult.of(ownTerms, ended.result());
        if (ended.isNew() || !(ended.result().outcome() instanceof ProbeOutcome.Unreachable)) {
            observer.accept(judged); // a known connection may have been closed, whatever the replica's state
        }
        if (results.take(ended, judged)) {
            restart();
        } else if (judged.finding() == Finding.UNREACHABLE && results.isRowBegun()) {
            newConnections.endRound();
        }
        if (ended.isNew() && results.evidence().accepted() == null) {
            schedule.cancelExtra(); // the verdict requests what it needs
        }
        if (follow) {
            follow(ended, judged.finding(), now);
        }
        closeIdle();
        return true;
    }

    private void follow(SentProbes.Ended ended, Finding finding, Instant now) {
        if (ended.isNew()) {
            sent.sendNewUntil(Math.min(results.followAtOnce(finding, now), ProbeSchedule.MOST_SIDE_BY_SIDE), now);
        } else if (finding == Finding.ACCEPTED) {
            List<Integer> mayAccept = results.mayAcceptBy(ended.result().receivedAt());
            mayAccept.stream().filter(other -> !sent.isAwaited(other)).forEach(other -> sent.sendAgain(other, now));
            if (mayAccept.size() == results.evidence().refusingReplicas().size()) {
                sent.sendPrepared(now); // their acceptances count after the refusing replicas have accepted
            }
        }
    }

    private void restart() {
        schedule.cancelExtra();
        sent.setNewAside();
    }

    private void closeIdle() {
        Evidence evidence = results.evidence();
        sent.keep(
                evidence.refusingReplicas()::mayProbeAgain,
                judgement(evidence.lastResult()).verdict());
    }

    @Override
    public void close() {
        sent.close();
    }
}
