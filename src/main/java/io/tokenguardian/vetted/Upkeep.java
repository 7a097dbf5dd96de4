package io.tokenguardian.vetted;

import io.tokenguardian.guardian.Situation;
import java.io.IOException;
import java.util.Locale;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** One output and how it is with it; each change of that is a line in the log. */
final class Upkeep {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    private final Output output;
    private final Supplier<Situation> situation;
    private volatile VettedState state;
    private volatile boolean everWritten;

    /** @param situation the one that the output follows, as it is now; may be called from any thread */
    Upkeep(Output output, Supplier<Situation> situation) {
        this.output = output;
        this.situation = situation;
        this.state = state(Output.Outcome.WAITING);
    }

    VettedState state() {
        return state;
    }

    /** Whether it was complete at any time since the start. */
    boolean wasEverWritten() {
        return everWritten;
    }

    void follow() {
        VettedState next;
        try {
            Output.Outcome outcome = output.follow(situation.get());
            everWritten |= outcome == Output.Outcome.WRITTEN;
            next = state(outcome);
        } catch (IOException e) {
            next = new VettedState("failed", Diagnosis.of(output.path(), e));
        }
        if (!next.equals(state)) {
            Logger.Level level = next.word().equals("failed") ? Logger.Level.WARN : Logger.Level.INFO;
            LOG.logf(level, "vetted=%s %s", next.word(), next.explanation());
        }
        state = next;
    }

    private VettedState state(Output.Outcome outcome) {
        return new VettedState(outcome.name().toLowerCase(Locale.ROOT), output.path() + " " + outcome.sentence());
    }
}
