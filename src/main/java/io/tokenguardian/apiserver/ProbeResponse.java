package io.tokenguardian.apiserver;

import io.netty.handler.codec.http.HttpHeaders;
import java.time.Instant;

/**
 * A complete response.
 *
 * @param sentAt the time just before the request was written
 * @param receivedAt when the headers of the response arrived
 * @param reusable whether the connection can be used again
 */
public record ProbeResponse(
        Instant sentAt, Instant receivedAt, int status, HttpHeaders headers, String body, boolean reusable) {}
