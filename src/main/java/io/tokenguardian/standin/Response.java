package io.tokenguardian.standin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A response. The writer adds {@code Date} and {@code Audit-Id}. */
sealed interface Response {

    /** A response whose whole body is known before it is sent. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared, never changed.
    record Full(int status, List<Map.Entry<String, String>> headers, byte[] body) implements Response {
        /** The same response with its JSON indented and without a newline at the end. */
        Full indented() {
            return new Full(status, headers, Json.indented(body));
        }
    }

    /**
     * A response that continues until either side ends it.
     *
     * @param start receives the output, and returns an action that stops the source after the caller has disconnected
     */
    record Streamed(String contentType, Function<Outflow, Runnable> start) implements Response {}

    /** A 101, after which the connection carries raw bytes. The server sends them back unchanged. */
    record Upgraded(List<Map.Entry<String, String>> headers) implements Response {}

    /** The output of a {@link Streamed} response. Thread-safe. Writes after the end are ignored. */
    interface Outflow {
        void write(byte[] bytes);

        void end();
    }

    String JSON = "application/json";

    /** The 401 for every refused token; it states no cause (docs/api-server.md, 401 responses). */
    Full UNAUTHORIZED = status(401, "Unauthorized", "Unauthorized");

    /** A response with JSON on a single line that ends with a newline. */
    static Full json(int status, JsonNode body) {
        return json(status, Json.line(body));
    }

    static Full json(int status, byte[] body) {
        return full(status, JSON, body);
    }

    static Full full(int status, String contentType, byte[] body) {
        return new Full(
                status,
                List.of(Map.entry("Cache-Control", "no-cache, private"), Map.entry("Content-Type", contentType)),
                body);
    }

    static Full text(int status, String text) {
        Full response = full(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
        return withHeader(response, "X-Content-Type-Options", "nosniff");
    }

    static Full status(int code, String reason, String message) {
        return status(code, reason, message, null);
    }

    /** A {@code Status} that reports a failure. {@code details} are used unchanged; null for none. */
    static Full status(int code, @Nullable String reason, String message, @Nullable JsonNode details) {
        ObjectNode status = Json.object();
        status.put("kind", "Status").put("apiVersion", "v1").putObject("metadata");
        status.put("status", "Failure").put("message", message);
        if (reason != null) {
            status.put("reason", reason);
        }
        if (details != null) {
            status.set("details", details);
        }
        status.put("code", code);
        return json(code, status);
    }

    /** A 403 that browsers must not interpret as anything but JSON. */
    static Full forbidden(String message, JsonNode details) {
        return withHeader(status(403, "Forbidden", message, details), "X-Content-Type-Options", "nosniff");
    }

    private static Full withHeader(Full response, String name, String value) {
        List<Map.Entry<String, String>> headers = new ArrayList<>(response.headers());
        headers.add(Map.entry(name, value));
        return new Full(response.status(), List.copyOf(headers), response.body());
    }

    static Streamed stream(String contentType, Function<Outflow, Runnable> start) {
        return new Streamed(contentType, start);
    }

    /** A stream that a source fills until the stream is cancelled. */
    static Streamed jsonStream(Function<Consumer<JsonNode>, Runnable> source) {
        return stream(JSON, outflow -> source.apply(node -> outflow.write(Json.line(node))));
    }
}
