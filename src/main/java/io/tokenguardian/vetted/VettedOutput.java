package io.tokenguardian.vetted;

import io.tokenguardian.guardian.TokenStatus;
import java.io.IOException;
import java.nio.file.Path;

/** Files for the app that are updated to the token status. Not thread-safe. */
interface VettedOutput {

    /** The file or directory, for messages. */
    Path path();

    /** Updates the files to match {@code tokenStatus}; does nothing if they match already. */
    Outcome update(TokenStatus tokenStatus) throws IOException;

    /** The state of the files after an update. */
    enum Outcome {
        /** This run has neither written nor withdrawn anything yet. */
        WAITING("waits for a token"),

        /** Everything is written. */
        WRITTEN("is written"),

        /** No token is to be written, and none is left of this run or an earlier run. */
        WITHDRAWN("holds no token at present");

        private final String sentence;

        Outcome(String sentence) {
            this.sentence = sentence;
        }

        String sentence() {
            return sentence;
        }
    }
}
