package io.tokenguardian.apiserver;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of one probe; {@code sentAt} and {@code receivedAt} are on the caller's timeline.
 *
 * @param certificate the SHA-256 hash of the replica's certificate, in hex; null without a TLS session. Different
 *     certificates belong to different replicas, or to a replica that has renewed its certificate
 * @param receivedAt when the headers of the response arrived, or the failure became known
 * @param date the response's {@code Date}, in whole seconds of the replica's clock; null if it had none
 */
public record ProbeResult(
        String address,
        ProbeOutcome outcome,
        @Nullable String certificate,
        List<String> names,
        Instant sentAt,
        Instant receivedAt,
        @Nullable Instant date) {

    public ProbeResult {
        names = List.copyOf(names);
    }
}
