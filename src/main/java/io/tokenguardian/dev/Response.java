package io.tokenguardian.dev;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** A response, to which the writer adds {@code Date} and {@code Audit-Id}. */
sealed interface Response {

    /** A response that is complete from the start. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared, never changed.
    record Full(int status, List<Map.Entry<String, String>> headers, byte[] body) implements Response {}

    /**
     * A response that continues until either side ends it.
     *
     * @param start gets the output, and returns an action that stops the source once the caller is gone
     */
    record Streamed(String contentType, Function<Outflow, Runnable> start) implements Response {}

    /** 101: from then on the connection carries raw bytes, which are sent back unchanged. */
    record Upgraded(List<Map.Entry<String, String>> headers) implements Response {}

    /** The output of a {@link Streamed} response. Safe from any thread. Writes after the end are ignored. */
    interface Outflow {
        void write(byte[] bytes);

        void end();
    }

    String JSON = "application/json";

    /** 401 as every refused token gets it: 157 bytes, and no cause (docs/api-server.md, 401 responses). */
    Full UNAUTHORIZED = status(401, "Unauthorized", "Unauthorized");

    static Full json(int status, JsonNode body) {
        return json(status, Json.bytes(body));
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
        return full(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    /** A {@code Status} of failure, indented as the API server writes it. */
    static Full status(int code, String reason, String message) {
        ObjectNode status = Json.object();
        status.put("kind", "Status").put("apiVersion", "v1").putObject("metadata");
        status.put("status", "Failure").put("message", message).put("reason", reason);
        status.put("code", code);
        return json(code, Json.indented(status));
    }

    static Streamed stream(String contentType, Function<Outflow, Runnable> start) {
        return new Streamed(contentType, start);
    }

    /** A stream that a source fills until it is cancelled. */
    static Streamed jsonStream(Function<Consumer<JsonNode>, Runnable> source) {
        return stream(
                JSON,
                outflow -> source.apply(node -> {
                    byte[] line = Json.bytes(node);
                    byte[] withEnd = Arrays.copyOf(line, line.length + 1);
                    withEnd[line.length] = '\n';
                    outflow.write(withEnd);
                }));
    }
}
