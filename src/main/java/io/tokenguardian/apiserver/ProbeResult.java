package io.tokenguardian.apiserver;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of one probe.
 *
 * @param address host and port of the request, as {@code host:port}
 * @param outcome the API server's answer, or why none came
 * @param certificate SHA-256 of the replica's certificate, in hex; different certificates belong to different replicas,
 *     or to one that has renewed its own; null without a TLS session
 * @param names the names in that certificate that may be the replica's own; see {@link CertificateNames}
 * @param sentAt when the request was sent, on the caller's timeline
 * @param receivedAt when the head of the response arrived or the failure was known, on the same timeline
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
