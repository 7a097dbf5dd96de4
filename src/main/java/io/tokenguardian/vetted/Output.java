package io.tokenguardian.vetted;

import io.tokenguardian.guardian.Situation;
import java.io.IOException;
import java.nio.file.Path;

/** Something written for the app, which follows the situation. For one thread. */
interface Output {

    /** What is written, for a person. */
    Path path();

    /** Makes the files say what {@code situation} wants them to say; does nothing where they do already. */
    Outcome follow(Situation situation) throws IOException;

    /** What the files say. */
    enum Outcome {
        /** Nothing of this run's yet. */
        WAITING("waits for an accepted token"),

        /** All that is to be said. */
        WRITTEN("is written"),

        /** The token was taken away. */
        WITHDRAWN("holds no token while none is accepted");

        private final String sentence;

        Outcome(String sentence) {
            this.sentence = sentence;
        }

        String sentence() {
            return sentence;
        }
    }
}
