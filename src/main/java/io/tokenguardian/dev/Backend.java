package io.tokenguardian.dev;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** What answers behind a {@code /proxy/} subresource of a pod, service or node. */
@FunctionalInterface
public interface Backend {

    /**
     * The backend's own answer.
     *
     * @param headers sent as they are; a {@code Date} among them takes the place of the replica's
     */
    record Answer(int status, Map<String, String> headers, String body) {}

    /** Called on an event loop: it must return at once. */
    Answer answer(RequestHead head, byte[] body);

    /** Tells as JSON what came: {@code method}, {@code uri}, {@code headers}, {@code bodyLength}. */
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
