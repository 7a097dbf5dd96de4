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

    /** Returns the window in which a replica accepts the token, on that replica's clock. */
    ValidityWindow window();

    Verdict verdict(Instant now);

    /** Returns what {@link #verdict} is based on. */
    JudgedBy judgedBy(Instant now);

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

    /**
     * Returns the refusal by the replica that will accept the token first, with the predicted acceptance time. Returns
     * null if no replica is known to refuse the token as not yet valid, or if another replica may already accept it.
     */
    default Verdict.@Nullable NotYetValid firstRefusalToEnd(Instant now) {
        return null;
    }

    /**
     * Takes the result of a probe of any token, because the {@code Date} of that result may put this token in doubt.
     */
    default void onResult(ProbeResult answer) {}

    /**
     * Returns the proof that a replica refuses this token although this token's probes were accepted; null without
     * proof.
     */
    default Verdict.@Nullable NotYetValid provenRefusal(Instant now) {
        return null;
    }

    /**
     * Returns the verdict on a token that is not in use: not yet valid while {@link #provenRefusal} is not null,
     * regardless of the token's own probes.
     */
    default Verdict candidateVerdict(Instant now) {
        Verdict.NotYetValid doubted = provenRefusal(now);
        return doubted == null ? verdict(now) : doubted;
    }

    /** Returns when {@link #step} will next have something to do, or when the passing of time changes the verdict. */
    Instant nextStep(Instant now);

    /**
     * Does what is due at {@code now}: takes the result of one probe, or sends probes. Does not wait for a response.
     *
     * @param results receives the result before it affects this token's verdict
     * @return whether a result was taken
     */
    boolean step(Instant now, Consumer<JudgedResult> results);

    /** Schedules an extra probe, which is sent only while some replica accepts the token. */
    void scheduleExtraProbe();

    /**
     * Takes a refusal of this token that the proxy has received. Schedules probes of the token, unless the refusal is
     * {@link HeardRefusal#BY_CLOCK} and this token's verdict is not {@code accepted}.
     */
    default void onRefusal(HeardRefusal refusal) {}

    @Override
    void close();
}
