package io.tokenguardian.guardian;

import java.nio.file.Path;
import java.util.List;

/**
 * A token for an audience other than the API server, and its status at one instant. The proxy does not use it.
 * {@code name} is the {@code NAME} in its settings {@code guardian.tokens.NAME.*}.
 */
public record AudienceToken(String name, Path path, TokenStatus tokenStatus) {

    /** The token must be for at least one of {@code audiences}; empty to allow any audience. */
    public record Source(String name, Path path, List<String> audiences) {
        public Source {
            audiences = List.copyOf(audiences);
        }
    }
}
