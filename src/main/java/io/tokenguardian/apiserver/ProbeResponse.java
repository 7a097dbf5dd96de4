package io.tokenguardian.apiserver;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.time.Instant;

/**
 * A complete response.
 *
 * @param sentAt the time just before the request was written
 * @param receivedAt when the headers of the response arrived
 * @param reusable whether the connection can be used again
 */
public record ProbeResponse(
        Instant sentAt, Instant receivedAt, int status, HttpHeaders headers, String body, boolean reusable) {
    /**
     * The header that kube-apiserver adds after authentication: a response with it is no refusal of the token
     * (docs/api-server.md, 401 responses).
     */
    public static final AsciiString MARK = AsciiString.cached("x-kubernetes-pf-flowschema-uid");

    boolean isMarked() {
        return headers.contains(MARK);
    }
}
