package io.tokenguardian.guardian;

import java.nio.file.Path;
import java.util.List;

/**
 * An audience token (for another audience than the API server) and its status at one instant. The proxy ignores it.
 *
 * @param name {@code NAME} of the settings {@code guardian.tokens.NAME}
 * @param path the file from which it is read
 * @param tokenStatus its status at that instant
 */
public record AudienceToken(String name, Path path, TokenStatus tokenStatus) {

    /**
     * The settings of an audience token.
     *
     * @param audiences the token must be for at least one of them; empty for any audience
     */
    public record Source(String name, Path path, List<String> audiences) {
        public Source {
            audiences = List.copyOf(audiences);
        }
    }
}
