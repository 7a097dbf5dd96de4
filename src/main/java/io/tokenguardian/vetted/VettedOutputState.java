package io.tokenguardian.vetted;

import io.tokenguardian.guardian.TokenStatus;
import java.io.IOException;
import java.util.Locale;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** An output and its current state. Each change of state is logged. */
final class VettedOutputState {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    private final VettedOutput output;
    private final Supplier<TokenStatus> tokenStatus;
    private volatile VettedState state;
    private volatile boolean everWritten;

    /** @param tokenStatus the current status of the output's token; may be called from any thread */
    VettedOutputState(VettedOutput output, Supplier<TokenStatus> tokenStatus) {
        this.output = output;
        this.tokenStatus = tokenStatus;
        this.state = state(VettedOutput.WriteOutcome.WAITING);
    }

    VettedState state() {
        return state;
    }

    /** Whether the output has been complete at some point since the start. */
    boolean wasEverWritten() {
        return everWritten;
    }

    void update() {
        VettedState next;
        try {
            VettedOutput.WriteOutcome outcome = output.update(tokenStatus.get());
            everWritten |= outcome == VettedOutput.WriteOutcome.WRITTEN;
            next = state(outcome);
        } catch (IOException e) {
            next = new VettedState("failed", WriteError.of(output.path(), e));
        }
        if (!next.equals(state)) {
            Logger.Level level = next.word().equals("failed") ? Logger.Level.WARN : Logger.Level.INFO;
            LOG.logf(level, "vetted=%s %s", next.word(), next.explanation());
        }
        state = next;
    }

    private VettedState state(VettedOutput.WriteOutcome outcome) {
        return new VettedState(outcome.name().toLowerCase(Locale.ROOT), output.path() + " " + outcome.sentence());
    }
}
