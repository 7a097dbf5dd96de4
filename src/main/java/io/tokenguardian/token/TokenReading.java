package io.tokenguardian.token;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What one look at the token file found. */
public sealed interface TokenReading {

    /**
     * The file holds a token.
     *
     * @param writtenAt the file's time of modification, on the node's clock
     */
    record Present(Token token, Instant writtenAt) implements TokenReading {

        /**
         * How far the node's clock is ahead of the one that stamped the token; kubelet writes a token as soon as it has
         * it, and the time that this took is in it too. Empty without {@code iat}.
         */
        public Optional<Duration> aheadOfIssuer() {
            Instant issuedAt = token.claims().issuedAt();
            return issuedAt == null ? Optional.empty() : Optional.of(Duration.between(issuedAt, writtenAt));
        }
    }

    /**
     * The file holds no token, or can't be read.
     *
     * @param explanation one line for a person that names the file and shows nothing of its content
     */
    record Unreadable(String explanation) implements TokenReading {}

    /** Whether nothing changed for whoever uses the token: the same token, however often written, or the same fault. */
    default boolean saysTheSameAs(TokenReading other) {
        if (this instanceof Present mine && other instanceof Present theirs) {
            return mine.token().equals(theirs.token());
        }
        return equals(other);
    }
}
