package io.tokenguardian.guardian;

import java.nio.file.Path;
import java.util.List;

/**
 * A further token at one instant: one for another audience, which the proxy has no use for.
 *
 * @param name {@code NAME} of the settings {@code guardian.tokens.NAME}
 * @param path the file that it is read from
 * @param situation all that is known of it
 */
public record FurtherToken(String name, Path path, Situation situation) {

    /**
     * Where it is and whom it is for.
     *
     * @param audiences one of which it must be for; empty for whatever it claims
     */
    public record Source(String name, Path path, List<String> audiences) {
        public Source {
            audiences = List.copyOf(audiences);
        }
    }
}
