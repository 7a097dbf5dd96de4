package io.tokenguardian.guardian;

import io.tokenguardian.apiserver.ProbeResult;
import io.tokenguardian.guardian.GuardianLoop.HeardRefusal;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenReading;
import io.tokenguardian.verdict.Evidence.JudgedResult;
import io.tokenguardian.verdict.ValidityWindow;
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

    /** When a replica accepts the token, on that replica's clock. */
    ValidityWindow window();

    Verdict verdict(Instant now);

    /** What {@link #verdict} is based on. */
    JudgedBy judgedBy(Instant now);

    default boolean isAccepted(Instant now) {
        return verdict(now) instanceof Verdict.Accepted;
    }

    /** Whether some replica accepts the token, even if others do not. */
    default boolean isUsable(Instant now) {
        return isAccepted(now);
    }

    /** How many replicas are known to refuse the token, as far as they can be told apart. */
    default int refusers(Instant now) {
        return isAccepted(now) ? 0 : 1;
    }

    /**
     * The refusal by the replica that will be the first to accept the token, with the predicted time of that
     * acceptance. Null if no replica is known to refuse it as not yet valid, or while another may accept it at once.
     */
    default Verdict.@Nullable NotYetValid firstRefusalToEnd(Instant now) {
        return null;
    }

    /** Takes the result of a probe of any token: its {@code Date} may put this token in doubt. */
    default void onResult(ProbeResult answer) {}

    /** The proof that a replica refuses this token although its own probes were accepted; null without a proof. */
    default Verdict.@Nullable NotYetValid provenRefusal(Instant now) {
        return null;
    }

    /**
     * The verdict on a token not in use: not yet valid while {@link #provenRefusal} has a value, whatever its probes
     * say.
     */
    default Verdict candidateVerdict(Instant now) {
        Verdict.NotYetValid doubted = provenRefusal(now);
        return doubted == null ? verdict(now) : doubted;
    }

    /** When {@link #step} has something to do next, or when time changes the verdict. */
    Instant nextStep(Instant now);

    /**
     * Does what is due at {@code now}: takes the result of one probe, or sends probes. Waits for no response.
     *
     * @param results takes the result, before this token's verdict uses it
     * @return whether a result was taken
     */
    boolean step(Instant now, Consumer<JudgedResult> results);

    /** Schedules an extra probe, which is sent while some replica accepts the token. */
    void scheduleExtraProbe();

    /**
     * Takes a refusal of this token that the proxy has met. Has it probed soon, unless the refusal is
     * {@link HeardRefusal#BY_CLOCK} and the token is not accepted anyway.
     */
    default void onRefusal(HeardRefusal refusal) {}

    @Override
    void close();
}
