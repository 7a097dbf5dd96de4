package io.tokenguardian.standin;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A request and its outcome.
 *
 * @param status the status of the response; 0 if no response was sent
 * @param cause why the token was refused, as in the server's log; null if it was not refused
 * @param at when the outcome became known, according to the replica's clock
 */
public record SeenRequest(
        ReceivedHead head, int status, @Nullable String cause, Instant at) {}
