package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.ProbeConnection;
import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.guardian.GuardianLoop.HeardRefusal;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.Evidence;
import io.tokenguardian.verdict.Evidence.JudgedResult;
import io.tokenguardian.verdict.Finding;
import io.tokenguardian.verdict.Judge;
import io.tokenguardian.verdict.Judgement;
import io.tokenguardian.verdict.NextProbe;
import io.tokenguardian.verdict.TokenTerms;
import io.tokenguardian.verdict.UnmetReplica;
import io.tokenguardian.verdict.Usability;
import io.tokenguardian.verdict.ValidityWindow;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import java.util.Comparator;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Probes one token when the judge wants it, and keeps the connections to replicas that refused the token. Not
 * thread-safe.
 */
final class TokenProbe implements GuardedToken {
    /** How many new connections a refusal that the proxy has met is worth, to meet that replica. */
    static final int EXTRA_PROBES = 8;

    private final TokenReading.Present reading;
    private final TokenTerms ownTerms;
    private final ApiServer apiServer;
    private final IntSupplier met;
    private final DoubleSupplier chance;
    private final RefusingConnections refusingConnections = new RefusingConnections();
    private final NewConnections newConnections;

    private Evidence evidence = Evidence.NONE;
    private Usability usability;

    /** Whether the last probe over a new connection got no usable answer. */
    private boolean lastUnanswered;

    private int nextConnectionId;
    private ApiServer.Replicas replicas;
    private int extraProbes;
    private int unasked; // of the listed replicas
    private boolean clocksMatter = true; // whether a replica that has not been met may have a clock that refuses
    private final ProvenRefusal provenRefusal = new ProvenRefusal();

    /**
     * @param met returns how many replicas have been told apart so far, by this token's probes and otherwise; 0 if the
     *     confirmations alone decide
     */
    TokenProbe(
            TokenReading.Present reading,
            TokenTerms.AcceptancePolicy policy,
            ApiServer apiServer,
            IntSupplier met,
            DoubleSupplier chance) {
        this.reading = reading;
        this.ownTerms = TokenTerms.of(reading.token(), policy);
        this.apiServer = apiServer;
        this.met = met;
        this.chance = chance;
        this.newConnections = new NewConnections(apiServer);
        this.replicas = apiServer.replicas();
        this.unasked = replicas.count();
        this.usability = Usability.of(replicas.count());
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
        return Judge.judge(terms(), evidence, now);
    }

    @Override
    public boolean isUsable(Instant now) {
        return usability.isUsable();
    }

    @Override
    public int refusers(Instant now) {
        return Judge.refusers(terms(), evidence, now) + (provenRefusal(now) == null ? 0 : 1);
    }

    @Override
    public Verdict.@Nullable NotYetValid firstRefusalToEnd(Instant now) {
        // While the first search goes on, another replica may accept it at once. In a further search that is
        // rare.
        boolean open = usability.isSearching() && !usability.hasMissed();
        Judgement first = open ? null : Judge.judgeFirst(terms(), evidence, now);
        return first == null ? null : (Verdict.NotYetValid) first.verdict();
    }

    /** How many new connections are still needed before the token can count as accepted, if all of them accept it. */
    int connectionsLeft() {
        TokenTerms terms = terms();
        return Math.max(terms.confirmations() - evidence.confirmed(), unmetLeft());
    }

    /** How many new connections are needed in all, if the token is neither accepted nor refused before. */
    int connectionsNeeded() {
        TokenTerms terms = terms();
        return Math.max(terms.confirmations(), terms.connections());
    }

    /** How many new connections are left to meet every replica; 0 or less for none. */
    private int unmetLeft() {
        if (replicas.count() > 0) {
            return unasked;
        }
        return evidence.accepted() == null ? terms().connections() - evidence.connections() : 0;
    }

    private TokenTerms terms() {
        if (replicas.count() > 0) {
            return ownTerms.withReplicas(replicas.count());
        }
        return clocksMatter ? ownTerms.withConnections(UnmetReplica.connectionsToRuleOut(met.getAsInt())) : ownTerms;
    }

    @Override
    public void scheduleExtraProbe() {
        extraProbes = Math.max(extraProbes, 1);
    }

    @Override
    public void onRefusal(HeardRefusal refusal) {
        if (refusal == HeardRefusal.BY_CLOCK && evidence.accepted() == null) {
            return; // the verdict's own probes go on
        }
        if (refusal == HeardRefusal.BY_EVERY_CLOCK) {
            usability = usability.inDoubt();
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
        if (refusingConnections.haveSent()) {
            return now;
        }
        Judgement judgement = judgement(now);
        return Stream.of(
                        extraProbeAt(now),
                        newConnections.prepareAt(judgement.verdict()),
                        nextProbe(judgement, now).at())
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }

    /** The next probe: the verdict's, or an earlier probe that may find a replica that accepts the token. */
    private NextProbe nextProbe(Judgement judgement, Instant now) {
        NextProbe next = judgement.next();
        Judgement first = usability.isUsable() ? null : Judge.judgeFirst(terms(), evidence, now);
        if (first != null && first.next().at().isBefore(next.at())) {
            next = first.next();
        }
        Instant search = nextSearch(now);
        return search.isBefore(next.at()) ? new NextProbe.NewConnection(search) : next;
    }

    /**
     * When the search wants its next new connection; {@link Instant#MAX} for never. It does not wait for the end of a
     * pause after a refusal, since the next connection may reach another replica.
     */
    private Instant nextSearch(Instant now) {
        boolean changed = !isUsable(now) && apiServer.replicas().generation() != replicas.generation();
        Instant search = changed ? now : usability.nextSearch(now);
        return lastUnanswered && search.isBefore(evidence.pausedUntil()) ? evidence.pausedUntil() : search;
    }

    @Override
    public boolean step(Instant now, Consumer<JudgedResult> results) {
        if (refusingConnections.haveSent()) {
            refusingConnections.takeSent().forEach(connection -> askAgain(connection, results));
            closeIdle();
            return true;
        }
        Judgement judgement = judgement(now);
        if (!now.isBefore(newConnections.prepareAt(judgement.verdict()))) {
            newConnections.prepare(connectionsLeft(), now);
            return true;
        }
        if (!now.isBefore(extraProbeAt(now))) {
            extraProbes = Math.max(0, extraProbes - 1);
            ask(new NextProbe.NewConnection(now), results);
            return true;
        }
        NextProbe next = nextProbe(judgement, now);
        if (!now.isBefore(next.at())) {
            ask(next, results);
            return true;
        }
        return false;
    }

    /**
     * When an extra probe is due, such as one of new replicas; {@link Instant#MAX} for never. A token that is not
     * usable is probed anyway. All replicas are met, even if the verdict waits for one of them: the proxy goes to those
     * that accept, and a replica that has not been met may be the last to accept.
     */
    private Instant extraProbeAt(Instant now) {
        return (extraProbes > 0 || unmetLeft() > 0) && isUsable(now) ? evidence.pausedUntil() : Instant.MAX;
    }

    /** Sends {@code nextProbe}, awaits the result, and passes it to {@code results}, then to the evidence. */
    void ask(NextProbe nextProbe, Consumer<JudgedResult> results) {
        if (nextProbe instanceof NextProbe.SameConnection again) {
            JudgedResult answer = askAgain(again.connection(), results);
            if (answer.finding() == Finding.ACCEPTED) {
                // The next step takes their answers, so that this acceptance is published first.
                Instant now = answer.result().receivedAt();
                refusingConnections.sendAhead(Judge.mayAcceptBy(now, terms(), evidence), token());
                newConnections.sendAhead(token());
            }
        } else {
            askFresh(results);
        }
        closeIdle();
    }

    private void askFresh(Consumer<JudgedResult> results) {
        NewConnections.Fresh fresh = newConnections.take();
        JudgedResult answer = probe(fresh.probeConnection());
        if (fresh.early() && isUnreachable(answer)) {
            // A connection opened early may have closed since, which says nothing about the API server.
            fresh = newConnections.replace(fresh);
            answer = probe(fresh.probeConnection());
        }
        ProbeConnection probeConnection = fresh.probeConnection();
        results.accept(answer);
        int connection = nextConnectionId++;
        unasked = Math.max(0, unasked - 1);
        lastUnanswered = answer.finding() == Finding.UNREACHABLE;
        noteWhetherClocksMatter(answer.result());
        Evidence before = evidence;
        evidence = evidence.afterNewConnection(terms(), connection, answer, probeConnection.isOpen(), chance);
        if (usability.hasMissed()) {
            evidence = evidence.withoutRepresented(connection, answer.result().receivedAt());
        }
        usability = usability.afterNewConnection(ownTerms, answer);
        refusingConnections.put(connection, probeConnection);
        if (evidence.accepted() == null) {
            extraProbes = 0; // the verdict asks for what it needs
        }
        if ((before.accepted() != null && evidence.accepted() == null) || isRefused(answer)) {
            usability = usability.inDoubt();
        }
        restartIfReplicasChanged(before);
        openWhatFollowsAtOnce(answer.finding());
    }

    /** One clock that calls the token old is not enough: it may be far ahead. So this node's clock counts too. */
    private void noteWhetherClocksMatter(ProbeResult result) {
        if (!lastUnanswered) {
            boolean known = evidence.connections() > 0 && clocksMatter;
            clocksMatter = known
                    || ownTerms.mayBeRefusedBySomeClock(result.date())
                    || ownTerms.mayBeRefusedBySomeClock(result.receivedAt());
        }
    }

    /** Whether the result makes it likely that the token is refused for good, by this replica at least. */
    private boolean isRefused(JudgedResult answer) {
        return answer.finding() == Finding.REFUSED && evidence.failure() instanceof Verdict.Refused;
    }

    /** The connections that follow are opened side by side. */
    private void openWhatFollowsAtOnce(Finding last) {
        if (usability.isSearching()) {
            newConnections.openSideBySide(Math.min(usability.left(), Usability.SIDE_BY_SIDE), token());
        } else if (last == Finding.ACCEPTED && judgement(evidence.lastResult()).verdict() instanceof Verdict.Pending) {
            newConnections.openSideBySide(connectionsLeft(), token());
        } else if (isUsable(evidence.lastResult())) {
            newConnections.openSideBySide(unmetLeft(), token());
        }
    }

    /** Starts counting confirmations anew when the set of replicas has changed since the last probe. */
    private void restartIfReplicasChanged(Evidence before) {
        ApiServer.Replicas now = apiServer.replicas();
        if (now.generation() != replicas.generation()) {
            replicas = now;
            unasked = now.count();
            usability = usability.among(now.count());
            evidence = evidence.afterReplicaChange(before.accepted());
            extraProbes = 0; // each listed replica is asked
            newConnections.close();
        }
    }

    private JudgedResult askAgain(int connection, Consumer<JudgedResult> results) {
        ProbeConnection probeConnection = refusingConnections.get(connection);
        JudgedResult answer = probe(probeConnection);
        if (!isUnreachable(answer)) {
            // Otherwise the connection has closed meanwhile, which says nothing about the replica.
            results.accept(answer);
        }
        lastUnanswered = answer.result().outcome() instanceof ProbeOutcome.Unavailable;
        evidence = evidence.afterSameConnection(terms(), connection, answer, probeConnection.isOpen(), chance);
        usability = usability.afterSameConnection(answer);
        if (isRefused(answer)) {
            usability = usability.inDoubt();
        }
        return answer;
    }

    private JudgedResult probe(ProbeConnection probeConnection) {
        return JudgedResult.of(ownTerms, probeConnection.probe(token()));
    }

    private static boolean isUnreachable(JudgedResult answer) {
        return answer.result().outcome() instanceof ProbeOutcome.Unreachable;
    }

    /** Closes the connections that will not be used again. */
    private void closeIdle() {
        refusingConnections.keep(evidence::mayProbeAgain);
        boolean followAtOnce = usability.isSearching() || (unmetLeft() > 0 && usability.isUsable());
        if (!followAtOnce
                && !newConnections.areNeeded(judgement(evidence.lastResult()).verdict())) {
            newConnections.close();
        }
    }

    @Override
    public void close() {
        refusingConnections.keep(connection -> false);
        newConnections.close();
    }
}
