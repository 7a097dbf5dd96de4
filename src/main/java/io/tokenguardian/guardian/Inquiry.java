package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.Answer;
import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.Conversation;
import io.tokenguardian.apiserver.Reply;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.Evidence;
import io.tokenguardian.verdict.Finding;
import io.tokenguardian.verdict.Judge;
import io.tokenguardian.verdict.Judgement;
import io.tokenguardian.verdict.Look;
import io.tokenguardian.verdict.Terms;
import io.tokenguardian.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The questions about one token: asks them when the judge wants them asked, and keeps the connections to those replicas
 * that refused. For one thread.
 */
final class Inquiry implements GuardedToken {
    /** How long before a predicted acceptance the connections for its confirmations are made. */
    private static final Duration PREPARATION = Duration.ofSeconds(1);

    private final TokenReading.Present reading;
    private final Terms ownTerms;
    private final ApiServer apiServer;
    private final ReplicaSightings sightings;
    private final DoubleSupplier chance;
    private final Map<Integer, Conversation> refusers = new HashMap<>();
    private final Deque<Prepared> prepared = new ArrayDeque<>();

    private Evidence evidence = Evidence.NONE;
    private int connections;
    private Instant preparedAt = Instant.MIN;
    private int turn;
    private ApiServer.Replicas replicas;
    private int unasked;
    private Verdict.@Nullable NotYetValid doubt;
    private Instant doubtedUntil = Instant.MIN;

    /**
     * A connection made ahead.
     *
     * @param turn whose it is, so that another one in its place goes to the same replica
     */
    private record Prepared(int turn, Conversation conversation) {}

    Inquiry(
            TokenReading.Present reading,
            Terms.Rules rules,
            ApiServer apiServer,
            ReplicaSightings sightings,
            DoubleSupplier chance) {
        this.reading = reading;
        this.ownTerms = Terms.of(reading.token(), rules);
        this.apiServer = apiServer;
        this.sightings = sightings;
        this.chance = chance;
        this.replicas = apiServer.replicas();
    }

    @Override
    public TokenReading.Present reading() {
        return reading;
    }

    @Override
    public Verdict verdict(Instant now) {
        return judgement(now).verdict();
    }

    @Override
    public Basis basis(Instant now) {
        return Basis.REQUESTS;
    }

    Judgement judgement(Instant now) {
        return Judge.judge(terms(), evidence, now);
    }

    /** How many fresh connections in a row have to be accepted: one of each replica, where these are known. */
    int confirmations() {
        return terms().confirmations();
    }

    private Terms terms() {
        return replicas.count() == 0 ? ownTerms : ownTerms.confirmedBy(replicas.count());
    }

    /** Has a fresh connection asked soon, whatever the judge wants. */
    @Override
    public void askSoon() {
        unasked = Math.max(unasked, 1);
    }

    /**
     * Takes in an answer about any token: it puts this one, once accepted, in doubt when it is dated before this one's
     * window, since its replica refuses this one then.
     */
    @Override
    public void hear(Answer answer) {
        Verdict.NotYetValid heard = Judge.refusalProvenBy(ownTerms, answer);
        Instant until = heard == null ? null : heard.acceptableBy();
        if (until != null && until.isAfter(doubtedUntil) && isAccepted(answer.receivedAt())) {
            doubt = heard;
            doubtedUntil = until;
        }
    }

    @Override
    public Verdict.@Nullable NotYetValid doubt(Instant now) {
        return now.isBefore(doubtedUntil) && isAccepted(now) ? doubt : null;
    }

    @Override
    public Instant nextAct(Instant now) {
        if (isOverdue(now)) {
            return now;
        }
        Judgement judgement = judgement(now);
        Instant prepare = prepareAt(judgement.verdict());
        return prepare.isBefore(judgement.next().at())
                ? prepare
                : judgement.next().at();
    }

    @Override
    public boolean act(Instant now) {
        Judgement judgement = judgement(now);
        if (!now.isBefore(prepareAt(judgement.verdict()))) {
            prepare(now);
            return true;
        }
        if (isOverdue(now)) {
            unasked--;
            ask(new Look.Fresh(now));
            return true;
        }
        if (!now.isBefore(judgement.next().at())) {
            ask(judgement.next());
            return true;
        }
        return false;
    }

    /** Replicas that have not been asked since they were found; what is not accepted is asked about anyway. */
    private boolean isOverdue(Instant now) {
        return unasked > 0 && isAccepted(now) && !now.isBefore(evidence.holdOff());
    }

    /** Shortly before the last refuser accepts, once; else never. */
    private Instant prepareAt(Verdict verdict) {
        Instant acceptableBy = verdict instanceof Verdict.NotYetValid notYet ? notYet.acceptableBy() : null;
        if (acceptableBy == null) {
            return Instant.MAX;
        }
        Instant due = acceptableBy.minus(PREPARATION);
        return preparedAt.isBefore(due) ? due : Instant.MAX;
    }

    /** Makes the connections for the confirmations ahead, so that only their questions wait for the moment. */
    private void prepare(Instant now) {
        preparedAt = now;
        while (prepared.size() < confirmations()) {
            int whose = turn++;
            Conversation conversation = apiServer.open(whose);
            conversation.connect();
            if (!conversation.isOpen()) {
                return; // whoever asks at the moment itself will hear why
            }
            prepared.add(new Prepared(whose, conversation));
        }
    }

    /** Asks the question of {@code look} and waits for the answer. */
    void ask(Look look) {
        if (look instanceof Look.Again again) {
            askAgain(again.connection());
        } else {
            askFresh();
        }
        closeIdle();
    }

    private void askFresh() {
        Prepared ahead = prepared.poll();
        int whose = ahead == null ? turn++ : ahead.turn();
        Conversation conversation = ahead == null ? null : ahead.conversation();
        Answer answer = conversation == null ? null : askKept(conversation);
        if (conversation == null || answer == null || answer.reply() instanceof Reply.Unreachable) {
            // One made ahead may have ended since, which says nothing of the API server.
            conversation = apiServer.open(whose);
            answer = ask(conversation);
        }
        int connection = connections++;
        Evidence before = evidence;
        evidence = evidence.afterFresh(terms(), connection, answer, conversation.isOpen(), chance);
        refusers.put(connection, conversation);
        takeReplicas(before);
    }

    /** Begins to count anew when the replicas have become others with the last answer, or meanwhile. */
    private void takeReplicas(Evidence before) {
        ApiServer.Replicas now = apiServer.replicas();
        if (now.generation() != replicas.generation()) {
            replicas = now;
            evidence = evidence.unconfirmed(before.accepted());
            unasked = before.accepted() == null ? 0 : now.count();
            closePrepared();
        }
    }

    private void askAgain(int connection) {
        Conversation conversation = refusers.get(connection);
        if (conversation == null) {
            throw new IllegalStateException("no connection " + connection + " to ask again");
        }
        Answer answer = askKept(conversation);
        evidence = evidence.afterAgain(terms(), connection, answer, conversation.isOpen(), chance);
    }

    private Answer ask(Conversation conversation) {
        Answer answer = conversation.ask(token());
        sightings.record(answer, Finding.of(ownTerms, answer));
        return answer;
    }

    /** A connection that was kept and has ended meanwhile says nothing of the replica. */
    private Answer askKept(Conversation conversation) {
        Answer answer = conversation.ask(token());
        if (!(answer.reply() instanceof Reply.Unreachable)) {
            sightings.record(answer, Finding.of(ownTerms, answer));
        }
        return answer;
    }

    /** Closes what nobody will ask again. */
    private void closeIdle() {
        refusers.entrySet().removeIf(entry -> {
            boolean idle = !evidence.mayAskAgain(entry.getKey());
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
        Verdict verdict = judgement(evidence.lastAnswer()).verdict();
        return verdict instanceof Verdict.Pending
                || (verdict instanceof Verdict.NotYetValid && prepareAt(verdict).equals(Instant.MAX));
    }

    private void closePrepared() {
        prepared.forEach(ahead -> ahead.conversation().close());
        prepared.clear();
    }

    @Override
    public void close() {
        refusers.values().forEach(Conversation::close);
        refusers.clear();
        closePrepared();
    }
}
