package io.tokenguardian.standin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** The backend behind a {@code /proxy/} subresource of a pod, service or node. */
@FunctionalInterface
public interface Backend {

    /**
     * The backend's response.
     *
     * @param headers sent unchanged. If they include a {@code Date}, it replaces the replica's {@code Date}
     */
    record Answer(int status, Map<String, String> headers, String body) {}

    /** Returns the response to a request. Called on an event loop, so it must not block. */
    Answer answer(ReceivedHead head, byte[] body);

    /**
     * Returns a backend that describes the request in a JSON response: {@code method}, {@code uri}, {@code headers},
     * {@code bodyLength}. The {@code headers} are empty if requests are not recorded.
     */
    static Backend mirror() {
        return (head, body) -> {
            ObjectNode seen = Json.object();
            seen.put("method", head.method()).put("uri", head.uri()).put("bodyLength", body.length);
            ObjectNode headers = seen.putObject("headers");
            head.headers().forEach((name, values) -> headers.put(name, String.join(", ", values)));
            return new Answer(200, Map.of("Content-Type", Response.JSON), seen.toString());
        };
    }
}
