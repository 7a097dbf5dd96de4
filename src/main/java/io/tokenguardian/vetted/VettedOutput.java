package io.tokenguardian.vetted;

import io.tokenguardian.guardian.TokenStatus;
import java.io.IOException;
import java.nio.file.Path;

/** Files for the app that are updated to match the token status. Not thread-safe. */
interface VettedOutput {

    Path path();

    /** Updates the files to match {@code tokenStatus}. Does nothing if they already match. */
    WriteOutcome update(TokenStatus tokenStatus) throws IOException;

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

        String sentence() {
            return sentence;
        }
    }
}
