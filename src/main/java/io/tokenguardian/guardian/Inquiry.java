package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.Answer;
import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.Conversation;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.Evidence;
import io.tokenguardian.verdict.Finding;
import io.tokenguardian.verdict.Judge;
import io.tokenguardian.verdict.Judgement;
import io.tokenguardian.verdict.Look;
import io.tokenguardian.verdict.Terms;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * The questions about one token: asks them when the judge wants them asked, and keeps the connections to those replicas
 * that refused. For one thread.
 */
final class Inquiry implements AutoCloseable {
    private final TokenReading.Present reading;
    private final Terms terms;
    private final ApiServer apiServer;
    private final ReplicaSightings sightings;
    private final DoubleSupplier chance;
    private final Map<Integer, Conversation> refusers = new HashMap<>();

    private Evidence evidence = Evidence.NONE;
    private int connections;

    Inquiry(
            TokenReading.Present reading,
            Terms.Rules rules,
            ApiServer apiServer,
            ReplicaSightings sightings,
            DoubleSupplier chance) {
        this.reading = reading;
        this.terms = Terms.of(reading.token(), rules);
        this.apiServer = apiServer;
        this.sightings = sightings;
        this.chance = chance;
    }

    TokenReading.Present reading() {
        return reading;
    }

    Token token() {
        return reading.token();
    }

    Judgement judgement(Instant now) {
        return Judge.judge(terms, evidence, now);
    }

    boolean isAccepted(Instant now) {
        return judgement(now).verdict() instanceof Verdict.Accepted;
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
        int connection = connections++;
        Conversation conversation = apiServer.open();
        Answer answer = ask(conversation);
        evidence = evidence.afterFresh(terms, connection, answer, conversation.isOpen(), chance);
        refusers.put(connection, conversation);
    }

    private void askAgain(int connection) {
        Conversation conversation = refusers.get(connection);
        if (conversation == null) {
            throw new IllegalStateException("no connection " + connection + " to ask again");
        }
        Answer answer = ask(conversation);
        evidence = evidence.afterAgain(terms, connection, answer, conversation.isOpen(), chance);
    }

    private Answer ask(Conversation conversation) {
        Answer answer = conversation.ask(token());
        sightings.record(answer, Finding.of(terms, answer));
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
    }

    @Override
    public void close() {
        refusers.values().forEach(Conversation::close);
        refusers.clear();
    }
}
