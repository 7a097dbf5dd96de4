package io.tokenguardian.token;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

public sealed interface TokenReading {

    /** A token. {@code writtenAt} is the file's modification time, on the node's clock. */
    record Present(Token token, Instant writtenAt) implements TokenReading {

        /**
         * By how much, at most, the node's clock is ahead of the issuer's. Includes the time until kubelet wrote the
         * file, which it also does when only another file of the volume has changed. Empty without {@code iat}.
         */
        public Optional<Duration> nodeClockLead() {
            Instant issuedAt = token.claims().issuedAt();
            return issuedAt == null ? Optional.empty() : Optional.of(Duration.between(issuedAt, writtenAt));
        }
    }

    /** No token. {@code explanation} is one line for a person, with the file's name but without its content. */
    record Unreadable(String explanation) implements TokenReading {}

    /** Whether both have the same token (write times may differ) or the same explanation. */
    default boolean isEquivalentTo(TokenReading other) {
        if (this instanceof Present mine && other instanceof Present theirs) {
            return mine.token().equals(theirs.token());
        }
        return equals(other);
    }
}
