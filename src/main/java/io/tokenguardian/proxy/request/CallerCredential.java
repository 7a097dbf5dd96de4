package io.tokenguardian.proxy.request;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code Authorization}, or the WebSocket subprotocol with a bearer token (docs/api-server.md, Upgrades). */
final class CallerCredential {

    private static final String BEARER_SUBPROTOCOL = "base64url.bearer.authorization.k8s.io.";

    private CallerCredential() {}

    static boolean isIn(HttpHeaders headers) {
        return headers.contains(HttpHeaderNames.AUTHORIZATION)
                || subprotocols(headers).anyMatch(CallerCredential::isBearer);
    }

    private static Stream<String> subprotocols(HttpHeaders headers) {
        return headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL).stream()
                .flatMap(value -> Arrays.stream(value.split(",", -1)))
                .map(String::strip);
    }

    private static boolean isBearer(String subprotocol) {
        return subprotocol.startsWith(BEARER_SUBPROTOCOL);
    }

    static void removeFrom(HttpHeaders headers) {
        headers.remove(HttpHeaderNames.AUTHORIZATION);
        if (subprotocols(headers).anyMatch(CallerCredential::isBearer)) {
            String kept = subprotocols(headers).filter(name -> !isBearer(name)).collect(Collectors.joining(", "));
            headers.remove(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
            if (!kept.isEmpty()) {
                headers.set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, kept);
            }
        }
    }
}
