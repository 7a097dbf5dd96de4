package io.tokenguardian.guardian;

import io.tokenguardian.clock.ClockEstimate;
import io.tokenguardian.verdict.Finding;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An API server replica as its answers show it.
 *
 * @param address host and port that were asked
 * @param certificate SHA-256 of the certificate it showed; null when there was no TLS session
 * @param clock its clock against the local time line; null when no answer of its carried a {@code Date}
 * @param finding what its last answer said of the token
 * @param user the name it knows the bearer by; null until it said
 * @param lastAsked when that answer came, on the local time line
 */
public record ReplicaSighting(
        String address,
        @Nullable String certificate,
        @Nullable ClockEstimate clock,
        Finding finding,
        @Nullable String user,
        Instant lastAsked) {}
