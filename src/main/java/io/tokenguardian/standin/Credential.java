package io.tokenguardian.standin;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds a request's bearer token in the {@code Authorization} header or in a WebSocket subprotocol. */
final class Credential {

    private static final String SUBPROTOCOL = "base64url.bearer.authorization.k8s.io.";

    private Credential() {}

    /**
     * Returns the bearer token; null for an anonymous request. A request with another scheme, or with nothing after
     * {@code Bearer}, is also anonymous (docs/api-server.md, 401 responses). A subprotocol that can't be decoded is
     * treated as an invalid token.
     */
    static @Nullable String of(HttpHeaders headers) {
        String authorization = headers.get(HttpHeaderNames.AUTHORIZATION);
        if (authorization != null) {
            String[] parts = authorization.strip().split(" ", 3);
            if (parts.length >= 2 && parts[0].toLowerCase(Locale.ROOT).equals("bearer") && !parts[1].isEmpty()) {
                return parts[1];
            }
        }
        for (String line : headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL)) {
            for (String protocol : line.split(",", -1)) {
                if (isSubprotocol(protocol.strip())) {
                    return decode(protocol.strip().substring(SUBPROTOCOL.length()));
                }
            }
        }
        return null;
    }

    static boolean isSubprotocol(String protocol) {
        return protocol.startsWith(SUBPROTOCOL);
    }

    private static String decode(String text) {
        try {
            return new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "undecodable";
        }
    }
}
