package io.tokenguardian.apiserver;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What came back to one question.
 *
 * @param address host and port that were asked, as {@code host:port}
 * @param reply what was said
 * @param certificate SHA-256 of the certificate that the replica showed, in hex: replicas that show different ones
 *     are different replicas; null when there was no TLS session
 * @param sentAt when the question left, on the caller's time line
 * @param receivedAt when the head of the answer was there, or the failure known, on the same time line
 * @param date the answer's {@code Date}, whole seconds of the replica's clock; null when there was none
 */
public record Answer(
        String address,
        Reply reply,
        @Nullable String certificate,
        Instant sentAt,
        Instant receivedAt,
        @Nullable Instant date) {}
