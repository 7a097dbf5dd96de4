package io.tokenguardian.standin;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The 101 that opens a tunnel: SPDY/3.1 after a GET or POST, or WebSocket after a GET (docs/api-server.md, Upgrades).
 */
final class Upgrade {

    private static final String WEB_SOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private Upgrade() {}

    static Response answer(ApiRequest request) {
        HttpHeaders headers = request.headers();
        String protocol = headers.get(HttpHeaderNames.UPGRADE, "");
        boolean upgrade = headers.containsValue(HttpHeaderNames.CONNECTION, "upgrade", true);
        if (upgrade && protocol.equalsIgnoreCase("SPDY/3.1")) {
            return spdy(headers);
        }
        String key = headers.get(HttpHeaderNames.SEC_WEBSOCKET_KEY);
        if (upgrade
                && protocol.equalsIgnoreCase("websocket")
                && key != null
                && request.method().equals("GET")) {
            return webSocket(headers, key);
        }
        throw StatusException.badRequest("Upgrade request required");
    }

    private static Response spdy(HttpHeaders headers) {
        List<Map.Entry<String, String>> answer = new ArrayList<>();
        answer.add(Map.entry("Connection", "Upgrade"));
        answer.add(Map.entry("Upgrade", "SPDY/3.1"));
        List<String> offered = headers.getAll("X-Stream-Protocol-Version");
        if (!offered.isEmpty()) {
            answer.add(Map.entry("X-Stream-Protocol-Version", offered.get(0)));
        }
        return new Response.Upgraded(answer);
    }

    private static Response webSocket(HttpHeaders headers, String key) {
        List<Map.Entry<String, String>> answer = new ArrayList<>();
        answer.add(Map.entry("Upgrade", "websocket"));
        answer.add(Map.entry("Connection", "Upgrade"));
        answer.add(Map.entry("Sec-WebSocket-Accept", accept(key)));
        String protocol = subprotocol(headers);
        if (protocol != null) {
            answer.add(Map.entry("Sec-WebSocket-Protocol", protocol));
        }
        return new Response.Upgraded(answer);
    }

    /** The first of the offered subprotocols that carries no token. */
    private static @Nullable String subprotocol(HttpHeaders headers) {
        for (String line : headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL)) {
            for (String protocol : line.split(",", -1)) {
                if (!Credential.isSubprotocol(protocol.strip())) {
                    return protocol.strip();
                }
            }
        }
        return null;
    }

    /** The value of {@code Sec-WebSocket-Accept} (RFC 6455, 4.2.2). */
    static String accept(String key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1")
                    .digest((key + WEB_SOCKET_GUID).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}
