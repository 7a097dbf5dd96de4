package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.ProbeConnection;
import io.tokenguardian.apiserver.ProbeOutcome;
import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.Evidence;
import io.tokenguardian.verdict.Evidence.JudgedResult;
import io.tokenguardian.verdict.Judge;
import io.tokenguardian.verdict.Judgement;
import io.tokenguardian.verdict.NextProbe;
import io.tokenguardian.verdict.TokenTerms;
import io.tokenguardian.verdict.ValidityWindow;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Probes one token when the judge wants it, and keeps the connections to replicas that refused the token. Not
 * thread-safe.
 */
final class TokenProbe implements GuardedToken {
    /** How long before a predicted acceptance the connections for its confirmations are opened. */
    private static final Duration PREPARATION = Duration.ofSeconds(1);

    private final TokenReading.Present reading;
    private final TokenTerms ownTerms;
    private final ApiServer apiServer;
    private final DoubleSupplier chance;
    private final Map<Integer, ProbeConnection> refusingConnections = new HashMap<>();
    private final Deque<Prepared> prepared = new ArrayDeque<>();

    private Evidence evidence = Evidence.NONE;
    private int nextConnectionId;
    private Instant preparedAt = Instant.MIN;
    private int nextReplicaTurn;
    private ApiServer.Replicas replicas;
    private int extraProbes;
    private Verdict.@Nullable NotYetValid doubt;
    private Instant doubtedUntil = Instant.MIN;

    /**
     * A connection that was opened early.
     *
     * @param turn its {@link ApiServer#open(int)} turn, so that a connection in its place goes to the same replica
     */
    private record Prepared(int turn, ProbeConnection probeConnection) {}

    TokenProbe(
            TokenReading.Present reading,
            TokenTerms.AcceptancePolicy policy,
            ApiServer apiServer,
            DoubleSupplier chance) {
        this.reading = reading;
        this.ownTerms = TokenTerms.of(reading.token(), policy);
        this.apiServer = apiServer;
        this.chance = chance;
        this.replicas = apiServer.replicas();
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

    /** How many new connections in a row must accept the token: one to each replica, if the replicas are known. */
    int confirmations() {
        return terms().confirmations();
    }

    private TokenTerms terms() {
        return replicas.count() == 0 ? ownTerms : ownTerms.withConfirmations(replicas.count());
    }

    /** Schedules an extra probe over a new connection, whatever the judge wants. */
    @Override
    public void scheduleExtraProbe() {
        extraProbes = Math.max(extraProbes, 1);
    }

    /**
     * Takes the result of a probe of any token. If its {@code Date} is before this token's validity window, its replica
     * refuses this token. If this token is accepted, that puts it in doubt.
     */
    @Override
    public void onResult(ProbeResult answer) {
        Verdict.NotYetValid refusal = Judge.refusalProvenBy(ownTerms, answer);
        Instant until = refusal == null ? null : refusal.acceptableBy();
        if (until != null && until.isAfter(doubtedUntil) && isAccepted(answer.receivedAt())) {
            doubt = refusal;
            doubtedUntil = until;
        }
    }

    @Override
    public Verdict.@Nullable NotYetValid provenRefusal(Instant now) {
        return now.isBefore(doubtedUntil) && isAccepted(now) ? doubt : null;
    }

    @Override
    public Instant nextStep(Instant now) {
        if (isExtraProbeDue(now)) {
            return now;
        }
        Judgement judgement = judgement(now);
        Instant prepare = prepareAt(judgement.verdict());
        return prepare.isBefore(judgement.next().at())
                ? prepare
                : judgement.next().at();
    }

    @Override
    public boolean step(Instant now, Consumer<JudgedResult> results) {
        Judgement judgement = judgement(now);
        if (!now.isBefore(prepareAt(judgement.verdict()))) {
            prepare(now);
            return true;
        }
        if (isExtraProbeDue(now)) {
            extraProbes--;
            ask(new NextProbe.NewConnection(now), results);
            return true;
        }
        if (!now.isBefore(judgement.next().at())) {
            ask(judgement.next(), results);
            return true;
        }
        return false;
    }

    /** Whether an extra probe is due, such as one of new replicas. A token that is not accepted is probed anyway. */
    private boolean isExtraProbeDue(Instant now) {
        return extraProbes > 0 && isAccepted(now) && !now.isBefore(evidence.notBefore());
    }

    /** When to open connections early; {@link Instant#MAX} if that is done, or no acceptance is predicted. */
    private Instant prepareAt(Verdict verdict) {
        Instant acceptableBy = verdict instanceof Verdict.NotYetValid notYet ? notYet.acceptableBy() : null;
        if (acceptableBy == null) {
            return Instant.MAX;
        }
        Instant due = acceptableBy.minus(PREPARATION);
        return preparedAt.isBefore(due) ? due : Instant.MAX;
    }

    /** Opens the connections for the confirmations early, so that only their probes are left when these are due. */
    private void prepare(Instant now) {
        preparedAt = now;
        while (prepared.size() < confirmations()) {
            int replicaTurn = nextReplicaTurn++;
            ProbeConnection probeConnection = apiServer.open(replicaTurn);
            probeConnection.connect();
            if (!probeConnection.isOpen()) {
                return; // the probe itself will report why
            }
            prepared.add(new Prepared(replicaTurn, probeConnection));
        }
    }

    /** Sends {@code nextProbe}, awaits the result, and passes it to {@code results}, then to the evidence. */
    void ask(NextProbe nextProbe, Consumer<JudgedResult> results) {
        if (nextProbe instanceof NextProbe.SameConnection again) {
            askAgain(again.connection(), results);
        } else {
            askFresh(results);
        }
        closeIdle();
    }

    private void askFresh(Consumer<JudgedResult> results) {
        Prepared ahead = prepared.poll();
        int replicaTurn = ahead == null ? nextReplicaTurn++ : ahead.turn();
        ProbeConnection probeConnection = ahead == null ? null : ahead.probeConnection();
        JudgedResult answer = probeConnection == null ? null : probe(probeConnection);
        if (probeConnection == null || answer == null || isUnreachable(answer)) {
            // A connection opened early may have closed since, which says nothing about the API server.
            probeConnection = apiServer.open(replicaTurn);
            answer = probe(probeConnection);
        }
        results.accept(answer);
        int connection = nextConnectionId++;
        Evidence before = evidence;
        evidence = evidence.afterNewConnection(terms(), connection, answer, probeConnection.isOpen(), chance);
        refusingConnections.put(connection, probeConnection);
        restartIfReplicasChanged(before);
    }

    /** Starts counting confirmations anew when the set of replicas has changed since the last probe. */
    private void restartIfReplicasChanged(Evidence before) {
        ApiServer.Replicas now = apiServer.replicas();
        if (now.generation() != replicas.generation()) {
            replicas = now;
            evidence = evidence.afterReplicaChange(before.accepted());
            extraProbes = before.accepted() == null ? 0 : now.count();
            closePrepared();
        }
    }

    private void askAgain(int connection, Consumer<JudgedResult> results) {
        ProbeConnection probeConnection = refusingConnections.get(connection);
        if (probeConnection == null) {
            throw new IllegalStateException("no connection " + connection + " to probe again");
        }
        JudgedResult answer = probe(probeConnection);
        if (!isUnreachable(answer)) {
            // Otherwise the connection has closed meanwhile, which says nothing about the replica.
            results.accept(answer);
        }
        evidence = evidence.afterSameConnection(terms(), connection, answer, probeConnection.isOpen(), chance);
    }

    private JudgedResult probe(ProbeConnection probeConnection) {
        return JudgedResult.of(ownTerms, probeConnection.probe(token()));
    }

    private static boolean isUnreachable(JudgedResult answer) {
        return answer.result().outcome() instanceof ProbeOutcome.Unreachable;
    }

    /** Closes the connections that will not be used again. */
    private void closeIdle() {
        refusingConnections.entrySet().removeIf(entry -> {
            boolean idle = !evidence.mayProbeAgain(entry.getKey());
            if (idle) {
                entry.getValue().close();
            }
            return idle;
        });
        if (!isAboutToConfirm()) {
            closePrepared();
        }
    }

    private boolean isAboutToConfirm() {
        Verdict verdict = judgement(evidence.lastResult()).verdict();
        return verdict instanceof Verdict.Pending
                || (verdict instanceof Verdict.NotYetValid && prepareAt(verdict).equals(Instant.MAX));
    }

    private void closePrepared() {
        prepared.forEach(ahead -> ahead.probeConnection().close());
        prepared.clear();
    }

    @Override
    public void close() {
        refusingConnections.values().forEach(ProbeConnection::close);
        refusingConnections.clear();
        closePrepared();
    }
}
