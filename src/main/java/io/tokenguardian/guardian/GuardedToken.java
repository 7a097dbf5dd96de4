package io.tokenguardian.guardian;

import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.Verdict;
import java.time.Instant;

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

    /** When {@link #act} has something to do, or the verdict becomes another one by itself. */
    Instant nextAct(Instant now);

    /** Does what is due at {@code now}, which takes as long as its answer does; false when nothing is. */
    boolean act(Instant now);

    /** Has the API server asked soon, whatever is due. */
    void askSoon();

    @Override
    void close();
}
