package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.Answer;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A token that has a place with the guardian, and what is known of it. For one thread. */
interface GuardedToken extends AutoCloseable {

    TokenReading.Present reading();

    default Token token() {
        return reading().token();
    }

    Verdict verdict(Instant now);

    /** What {@link #verdict} rests on. */
    Basis basis(Instant now);

    default boolean isAccepted(Instant now) {
        return verdict(now) instanceof Verdict.Accepted;
    }

    /** Takes in an answer about any token: its {@code Date} may put this one in doubt. */
    default void hear(Answer answer) {}

    /** What proves that a replica refuses this token, though it is accepted by what was said of itself; else null. */
    default Verdict.@Nullable NotYetValid doubt(Instant now) {
        return null;
    }

    /** The verdict on a token that waits for its turn: while in doubt it is not yet valid, whatever was said of itself. */
    default Verdict outlook(Instant now) {
        Verdict.NotYetValid doubted = doubt(now);
        return doubted == null ? verdict(now) : doubted;
    }

    /** When {@link #act} has something to do, or the verdict becomes another one by itself. */
    Instant nextAct(Instant now);

    /** Does what is due at {@code now}, which takes as long as its answer does; false when nothing is. */
    boolean act(Instant now);

    /** Has the API server asked soon, whatever is due. */
    void askSoon();

    @Override
    void close();
}
