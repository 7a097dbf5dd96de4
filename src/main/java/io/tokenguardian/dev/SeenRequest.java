package io.tokenguardian.dev;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A request and what became of it.
 *
 * @param status status of the answer; 0 when there was none
 * @param cause why a token was refused, as the server's log would say it; null if none was
 * @param at when the fate was known, on the replica's clock
 */
public record SeenRequest(
        RequestHead head, int status, @Nullable String cause, Instant at) {}
