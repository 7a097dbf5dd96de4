package io.tokenguardian.guardian;

import io.tokenguardian.replica.Answer;
import io.tokenguardian.replica.ValidityWindow;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A token that the guardian tracks, and its verdict. Not thread-safe. */
interface GuardedToken extends AutoCloseable {

    TokenReading.Present reading();

    default Token token() {
        return reading().token();
    }

    ValidityWindow window();

    Verdict verdict(Instant now);

    default boolean isAccepted(Instant now) {
        return verdict(now) instanceof Verdict.Accepted;
    }

    /** Whether some replica accepts the token, even if others do not. */
    default boolean isUsable(Instant now) {
        return isAccepted(now);
    }

    /** Returns how many replicas are known to refuse the token, as far as replicas can be distinguished. */
    default int refusers(Instant now) {
        return isAccepted(now) ? 0 : 1;
    }

    /** Returns the refusal by the replica that will accept first; null if unknown, or if one may already accept. */
    default Verdict.@Nullable NotYetValid firstRefusalToEnd(Instant now) {
        return null;
    }

    /**
     * Returns the refusal that a replica's clock predicts for this token although it is accepted; null if none does.
     */
    default Verdict.@Nullable NotYetValid provenRefusal(Instant now) {
        return null;
    }

    /** Returns the verdict on a token that is not in use: a {@link #provenRefusal} overrides its own probes. */
    default Verdict candidateVerdict(Instant now) {
        Verdict.NotYetValid doubted = provenRefusal(now);
        return doubted == null ? verdict(now) : doubted;
    }

    /**
     * Returns when {@link #step} will next have something to do, or when the passing of time changes the verdict.
     * {@code current} means that the status is about this token, which then shows each replica's clock.
     */
    Instant nextStep(Instant now, boolean current);

    /**
     * Takes the result of one probe, if any, and sends the probes that are due, without waiting. Returns whether the
     * verdict may have changed. {@code observer} receives the result before it affects this token's verdict.
     */
    boolean step(Instant now, boolean current, Consumer<Answer> observer);

    /**
     * For a check that runs only once: blocks until a result arrives, unless the {@code received} results are enough.
     * Returns whether they are not.
     */
    default boolean awaitResult(Instant now, int received) {
        return false;
    }

    /** Schedules an extra probe, which is sent only while some replica accepts the token. */
    default void scheduleExtraProbe() {}

    /** Takes a refusal of this token that the proxy received. */
    default void onRefusal(Answer refusal) {}

    /** Takes an acceptance of this token that the proxy received. */
    default void onAcceptance(Instant at) {}

    @Override
    default void close() {}
}
