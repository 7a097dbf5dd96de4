package io.tokenguardian.token;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** The result of reading the token file once. */
public sealed interface TokenReading {

    /**
     * The file contains a token.
     *
     * @param writtenAt the file's modification time, on the node's clock
     */
    record Present(Token token, Instant writtenAt) implements TokenReading {

        /**
         * Returns by how much, at most, the node's clock is ahead of the issuer's clock: {@code writtenAt} minus
         * {@code iat}. This includes the time until kubelet wrote the file. kubelet also writes the file again when
         * only another file of the volume has changed. Empty without {@code iat}.
         */
        public Optional<Duration> nodeClockLead() {
            Instant issuedAt = token.claims().issuedAt();
            return issuedAt == null ? Optional.empty() : Optional.of(Duration.between(issuedAt, writtenAt));
        }
    }

    /**
     * The file contains no token, or can't be read.
     *
     * @param explanation one human-readable line that names the file but does not show its content
     */
    record Unreadable(String explanation) implements TokenReading {}

    /** Whether both have the same token (write times may differ) or the same explanation. */
    default boolean isEquivalentTo(TokenReading other) {
        if (this instanceof Present mine && other instanceof Present theirs) {
            return mine.token().equals(theirs.token());
        }
        return equals(other);
    }
}
