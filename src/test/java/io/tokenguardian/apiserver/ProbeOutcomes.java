package io.tokenguardian.apiserver;

import io.netty.handler.codec.http.HttpHeaders;
import java.time.Instant;

/** What the guardian reads from the responses of a simulated API server. */
public final class ProbeOutcomes {
    private ProbeOutcomes() {}

    public static ProbeOutcome of(ApiServerAddress address, int status, HttpHeaders headers) {
        ProbeResponse response = new ProbeResponse(Instant.EPOCH, Instant.EPOCH, status, headers, "{}", true);
        return ProbeOutcomeReader.read(address, ProbeRequest.WHO_AM_I, response);
    }
}
