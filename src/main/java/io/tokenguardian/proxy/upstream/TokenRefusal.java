package io.tokenguardian.proxy.upstream;

import io.tokenguardian.concurrent.Backoff;
import io.tokenguardian.token.Token;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A replica's refusals of {@code token} over one of the proxy's connections, and how long they apply.
 *
 * @param validityStart when the replica begins to accept the token; null if it refuses it for another reason
 * @param at when the refusal arrived
 * @param inARow how many times in a row the replica has refused the token for another reason
 */
public record TokenRefusal(Token token, @Nullable ValidityStart validityStart, long at, int inARow) {

    /** How long a refusal for another reason applies. The replica may learn of a key or an account in the meantime. */
    private static final Backoff PAUSES = new Backoff(Duration.ofSeconds(15), Duration.ofMinutes(1));

    public static TokenRefusal notYetValid(Token token, ValidityStart validityStart, long at) {
        return new TokenRefusal(token, validityStart, at, 0);
    }

    public static TokenRefusal forAnotherReason(Token token, long at) {
        return new TokenRefusal(token, null, at, 1);
    }

    boolean endsByWaiting() {
        return validityStart != null;
    }

    boolean mayHoldAt(long now) {
        long end = validityStart == null ? at + PAUSES.pause(inARow, () -> 0).toNanos() : validityStart.latest();
        return now - end < 0;
    }

    TokenRefusal followedBy(TokenRefusal newer) {
        ValidityStart start = newer.validityStart;
        if (validityStart != null && start != null) {
            return notYetValid(token, validityStart.narrowedBy(start), newer.at);
        }
        return new TokenRefusal(token, start, newer.at, start == null ? inARow + 1 : 0);
    }
}
