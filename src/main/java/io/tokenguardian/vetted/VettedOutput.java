package io.tokenguardian.vetted;

import io.tokenguardian.guardian.TokenStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.jboss.logging.Logger;

/**
 * Files for the app that are updated to match the token status. Only one thread updates them. Each change of state is
 * logged.
 */
abstract class VettedOutput {
    private static final Logger LOG = Logger.getLogger("io.tokenguardian");

    enum WriteOutcome {
        /** This run has not written or withdrawn anything yet. */
        WAITING("waits for a token"),
        WRITTEN("is written"),

        /** No token should be written, and no token from this run or an earlier run remains. */
        WITHDRAWN("holds no token at present");

        private final String sentence;

        WriteOutcome(String sentence) {
            this.sentence = sentence;
        }
    }

    private final Path path;
    private volatile String state;
    private volatile boolean everWritten;

    VettedOutput(Path path) {
        this.path = path;
        this.state = state(WriteOutcome.WAITING);
    }

    /** The state in one line for a person. May be called from any thread. */
    final String state() {
        return state;
    }

    /** Whether the output has been complete at some point since the start. May be called from any thread. */
    final boolean wasEverWritten() {
        return everWritten;
    }

    /** Updates the files to match {@code tokenStatus}. Does nothing if they already match. */
    abstract WriteOutcome update(TokenStatus tokenStatus) throws IOException;

    /** As {@link #update}, but a failure is a state too. */
    final void updateState(TokenStatus tokenStatus) {
        try {
            WriteOutcome outcome = update(tokenStatus);
            everWritten |= outcome == WriteOutcome.WRITTEN;
            change(Logger.Level.INFO, outcome.name().toLowerCase(Locale.ROOT), state(outcome));
        } catch (IOException e) {
            change(Logger.Level.WARN, "failed", WriteError.of(path, e));
        }
    }

    private void change(Logger.Level level, String word, String next) {
        if (!next.equals(state)) {
            LOG.logf(level, "vetted=%s %s", word, next);
        }
        state = next;
    }

    private String state(WriteOutcome outcome) {
        return path + " " + outcome.sentence;
    }
}
