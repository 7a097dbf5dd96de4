package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.clock.Instants;
import io.tokenguardian.guardian.GuardianLoop.HeardRefusal;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.Evidence;
import io.tokenguardian.verdict.Evidence.JudgedResult;
import io.tokenguardian.verdict.Finding;
import io.tokenguardian.verdict.Judge;
import io.tokenguardian.verdict.Judgement;
import io.tokenguardian.verdict.NextProbe;
import io.tokenguardian.verdict.TokenTerms;
import io.tokenguardian.verdict.Usability;
import io.tokenguardian.verdict.ValidityWindow;
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

/**
 * Probes one token when the judge requests it. Sending a probe does not block, because a later step takes the result.
 * Not thread-safe.
 */
final class TokenProbe implements GuardedToken {
    /**
     * How many new connections are opened after a refusal that the proxy has received, in order to reach the replica
     * that refused.
     */
    static final int EXTRA_PROBES = 8;

    /** How many listed replicas are probed concurrently. This is more than any control plane has. */
    private static final int MOST_SIDE_BY_SIDE = 40;

    private final TokenReading.Present reading;
    private final TokenTerms ownTerms;
    private final NewConnections newConnections;
    private final SentProbes sent;
    private final ListedReplicas listed;
    private final TokenResults results;
    private final ProvenRefusal provenRefusal = new ProvenRefusal();
    private int extraProbes;

    /**
     * @param met returns how many replicas have been distinguished so far, by this token's probes or in another way; 0
     *     if only the number of confirmations decides
     * @param everAccepted whether any token has been accepted so far
     * @param onResult called on any thread when a result arrives; must return at once
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

    /**
     * Returns how many new connections are needed in total, if the token is neither accepted nor refused before that.
     */
    int connectionsNeeded() {
        return results.connectionsNeeded();
    }

    @Override
    public void scheduleExtraProbe() {
        extraProbes = Math.max(extraProbes, 1);
    }

    @Override
    public void onRefusal(HeardRefusal refusal) {
        if (refusal == HeardRefusal.BY_CLOCK && results.evidence().accepted() == null) {
            return; // the probes for the verdict continue
        }
        if (refusal == HeardRefusal.BY_EVERY_CLOCK) {
            results.doubt();
        }
        extraProbes = Math.max(extraProbes, refusal == HeardRefusal.OTHER ? 1 : EXTRA_PROBES);
    }

    @Override
    public void onResult(ProbeResult answer) {
        if (isAccepted(answer.receivedAt())) {
            provenRefusal.take(Judge.refusalProvenBy(ownTerms, answer));
        }
    }

    @Override
    public Verdict.@Nullable NotYetValid provenRefusal(Instant now) {
        return isAccepted(now) ? provenRefusal.at(now) : null;
    }

    @Override
    public Instant nextStep(Instant now) {
        if (listed.haveChanged()) {
            return now;
        }
        Judgement judgement = judgement(now);
        return Stream.of(
                        nextResult(),
                        extraProbeAt(now),
                        newConnections.prepareAt(judgement.verdict()),
                        nextProbe(judgement, now).at())
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }

    /** Returns when {@link #takeResult} will next have something to do; {@link Instant#MAX} if never. */
    Instant nextResult() {
        return listed.silenceCounts() ? sent.nextResult() : Instants.earlier(sent.nextResult(), sent.nextPassOver());
    }

    /**
     * Returns the next probe: the probe that the verdict needs, or an earlier probe that may find a replica that
     * accepts the token.
     */
    private NextProbe nextProbe(Judgement judgement, Instant now) {
        Judgement first = isUsable(now) ? null : results.judgeFirst(now);
        return Stream.of(
                        judgement.next(),
                        first == null ? judgement.next() : first.next(),
                        new NextProbe.NewConnection(results.nextSearch(now)))
                .map(this::afterAwaited)
                .min(Comparator.comparing(NextProbe::at))
                .orElseThrow();
    }

    /** Returns {@code next}, delayed until the probe that it would repeat has a result. */
    private NextProbe afterAwaited(NextProbe next) {
        if (next instanceof NextProbe.SameConnection again) {
            return sent.isAwaited(again.connection())
                    ? new NextProbe.SameConnection(Instant.MAX, again.connection())
                    : next;
        }
        return new NextProbe.NewConnection(Instants.later(next.at(), nextNew()));
    }

    /**
     * Returns the earliest instant for the next new connection. A new connection waits for the results of earlier ones.
     * If a silent replica may be skipped, other replicas are probed meanwhile.
     */
    private Instant nextNew() {
        return listed.silenceCounts()
                ? Instants.later(results.retryAfter(), sent.nextNew(1))
                : sent.nextNew(listed.count());
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
            newConnections.prepare(Math.min(results.connectionsLeft(), MOST_SIDE_BY_SIDE), now);
        }
        while (!now.isBefore(extraProbeAt(now))) {
            extraProbes = Math.max(0, extraProbes - 1);
            sent.sendNew(now);
        }
        NextProbe next = nextProbe(judgement, now);
        if (!now.isBefore(next.at())) {
            if (next instanceof NextProbe.SameConnection again) {
                sent.sendAgain(again.connection(), now);
            } else {
                sent.sendNew(now);
            }
        }
        return false;
    }

    /**
     * Returns when a probe is due in addition to the judge's probes; {@link Instant#MAX} if never. Each listed replica
     * is probed at once, regardless of how the others respond. When all have been probed, extra probes (for example, of
     * new replicas) follow if the token is usable. A token that is not usable is being probed anyway. All replicas are
     * probed, even if the verdict waits for one of them: the proxy uses replicas that accept, and a replica that has
     * not been observed may be the last to accept.
     */
    private Instant extraProbeAt(Instant now) {
        int awaited = sent.awaitedNew();
        if (listed.unasked() > awaited && awaited < MOST_SIDE_BY_SIDE) {
            return now;
        }
        boolean wanted = extraProbes > 0 || (listed.unasked() == 0 && results.unmetLeft() > awaited);
        return wanted && isUsable(now) ? Instants.later(results.evidence().pausedUntil(), nextNew()) : Instant.MAX;
    }

    /** Blocks until a result arrives. Sends a probe first if none is in progress. */
    void awaitResult(Instant now) {
        sent.awaitResult(now);
    }

    /**
     * Takes the next result, and skips silent replicas if that is allowed.
     *
     * @param observer receives the result before it becomes part of the evidence
     * @param follow whether the probes that should follow the result are sent immediately
     * @return whether a result was taken
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
            extraProbes = 0; // the verdict requests what it needs
        }
        if (follow) {
            follow(ended, judged.finding(), now);
        }
        closeIdle();
        return true;
    }

    /** Immediately sends the probes that should follow a result. */
    private void follow(SentProbes.Ended ended, Finding finding, Instant now) {
        if (ended.isNew()) {
            sent.sendNewUntil(Math.min(results.followAtOnce(finding, now), MOST_SIDE_BY_SIDE), now);
        } else if (finding == Finding.ACCEPTED) {
            List<Integer> mayAccept = results.mayAcceptBy(ended.result().receivedAt());
            mayAccept.stream().filter(other -> !sent.isAwaited(other)).forEach(other -> sent.sendAgain(other, now));
            if (mayAccept.size() == results.evidence().refusingReplicas().size()) {
                sent.sendPrepared(now); // their acceptances count after the refusing replicas have accepted
            }
        }
    }

    /** Starts over with the new set of replicas, each of which will be probed. */
    private void restart() {
        extraProbes = 0;
        sent.setNewAside();
    }

    /** Closes the connections that will not be used again. */
    private void closeIdle() {
        Evidence evidence = results.evidence();
        sent.keep(evidence::mayProbeAgain, judgement(evidence.lastResult()).verdict());
    }

    @Override
    public void close() {
        sent.close();
    }
}
