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
import io.tokenguardian.verdict.Usability;
import io.tokenguardian.verdict.ValidityWindow;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import java.util.Comparator;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Probes one token when the judge wants it, and keeps the connections to replicas that refused the token. Not
 * thread-safe.
 */
final class TokenProbe implements GuardedToken {
    private final TokenReading.Present reading;
    private final TokenTerms ownTerms;
    private final ApiServer apiServer;
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
    private final ProvenRefusal provenRefusal = new ProvenRefusal();

    TokenProbe(
            TokenReading.Present reading,
            TokenTerms.AcceptancePolicy policy,
            ApiServer apiServer,
            DoubleSupplier chance) {
        this.reading = reading;
        this.ownTerms = TokenTerms.of(reading.token(), policy);
        this.apiServer = apiServer;
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
    public Verdict.@Nullable NotYetValid firstRefusalToEnd(Instant now) {
        // While the first search goes on, another replica may accept it at once. A further search seldom finds such a
        // replica.
        boolean open = usability.isSearching() && !usability.hasMissed();
        Judgement first = open ? null : Judge.judgeFirst(terms(), evidence, now);
        return first == null ? null : (Verdict.NotYetValid) first.verdict();
    }

    /** How many new connections in a row must accept the token: one to each replica, if the replicas are known. */
    int confirmations() {
        return terms().confirmations();
    }

    private TokenTerms terms() {
        return replicas.count() == 0 ? ownTerms : ownTerms.withConfirmations(replicas.count());
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
        extraProbes = Math.max(extraProbes, refusal == HeardRefusal.OTHER ? 1 : Usability.Limit.NEW.connections());
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

    /**
     * The next probe: the one that the verdict needs, or an earlier one that may find a replica that accepts the token.
     */
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
     * When the search wants its next new connection; {@link Instant#MAX} for never. It waits for the end of the last
     * pause, but not of one after an expired result: that replica's clock is ahead, and the next connection may reach
     * another. After a search without success an expired token has no further one: the verdict's own probes take new
     * connections.
     */
    private Instant nextSearch(Instant now) {
        boolean expired = evidence.failure() instanceof Verdict.Expired;
        if (expired && usability.hasMissed()) {
            return Instant.MAX;
        }
        boolean changed = !isUsable(now) && apiServer.replicas().generation() != replicas.generation();
        Instant search = changed ? now : usability.nextSearch(now);
        boolean hurries = expired && !lastUnanswered;
        return hurries || search.isAfter(evidence.pausedUntil()) ? search : evidence.pausedUntil();
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
            newConnections.prepare(confirmations(), now);
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
     * usable is probed anyway. All listed replicas are asked, even if the verdict waits for one: the proxy goes to
     * those that accept.
     */
    private Instant extraProbeAt(Instant now) {
        return (extraProbes > 0 || unasked > 0) && isUsable(now) ? evidence.pausedUntil() : Instant.MAX;
    }

    /** Sends {@code nextProbe}, awaits the result, and passes it to {@code results}, then to the evidence. */
    void ask(NextProbe nextProbe, Consumer<JudgedResult> results) {
        if (nextProbe instanceof NextProbe.SameConnection again) {
            JudgedResult answer = askAgain(again.connection(), results);
            if (answer.finding() == Finding.ACCEPTED) {
                // The next step takes their answers, so that this acceptance is published first.
                Instant now = answer.result().receivedAt();
                refusingConnections.sendAhead(Judge.mayAcceptBy(now, terms(), evidence), token());
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
        Evidence before = evidence;
        evidence = evidence.afterNewConnection(terms(), connection, answer, probeConnection.isOpen(), chance);
        if (usability.hasMissed()) {
            evidence = evidence.withoutRepresented(connection, answer.result().receivedAt());
        }
        usability = usability.afterNewConnection(answer);
        lastUnanswered = answer.finding() == Finding.UNREACHABLE;
        refusingConnections.put(connection, probeConnection);
        if (evidence.accepted() == null) {
            extraProbes = 0; // the verdict asks for what it needs
        }
        if (before.accepted() != null && evidence.accepted() == null) {
            usability = usability.inDoubt();
        }
        endUsabilityIfRefused();
        restartIfReplicasChanged(before);
        if (answer.finding() == Finding.ACCEPTED
                && judgement(evidence.lastResult()).verdict() instanceof Verdict.Pending) {
            newConnections.openSideBySide(confirmations() - evidence.confirmed());
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
        evidence = evidence.afterSameConnection(terms(), connection, answer, probeConnection.isOpen(), chance);
        usability = usability.afterSameConnection(answer);
        endUsabilityIfRefused();
        return answer;
    }

    private void endUsabilityIfRefused() {
        if (evidence.failure() instanceof Verdict.Refused) {
            usability = Usability.of(replicas.count());
        }
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
        if (!newConnections.areNeeded(judgement(evidence.lastResult()).verdict())) {
            newConnections.close();
        }
    }

    @Override
    public void close() {
        refusingConnections.keep(connection -> false);
        newConnections.close();
    }
}
