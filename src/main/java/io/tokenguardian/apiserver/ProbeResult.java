package io.tokenguardian.apiserver;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of one probe.
 *
 * @param address the host and port to which the request was sent, as {@code host:port}
 * @param outcome the API server's decision about the token, or why it made no decision
 * @param certificate the SHA-256 hash of the replica's certificate, in hex; null without a TLS session. Different
 *     certificates belong to different replicas, or to a replica that has renewed its certificate
 * @param names the names in the certificate that may belong to the replica itself; see {@link CertificateNames}
 * @param sentAt when the request was sent, on the caller's timeline
 * @param receivedAt when the headers of the response arrived or the failure became known, on the caller's timeline
 * @param date the response's {@code Date}, in whole seconds of the replica's clock; null if the response had none
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
