package io.tokenguardian.guardian;

import java.nio.file.Path;
import java.util.List;

/**
 * An audience token (a token for an audience other than the API server) and its status at one instant. The proxy does
 * not use it.
 *
 * @param name the {@code NAME} in its settings {@code guardian.tokens.NAME.*}
 * @param path the token's file
 * @param tokenStatus the token's status at that instant
 */
public record AudienceToken(String name, Path path, TokenStatus tokenStatus) {

    /**
     * The settings of one audience token.
     *
     * @param audiences the token must be for at least one of these audiences; empty to allow any audience
     */
    public record Source(String name, Path path, List<String> audiences) {
        public Source {
            audiences = List.copyOf(audiences);
        }
    }
}
