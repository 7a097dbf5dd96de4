package io.tokenguardian.laptop;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.tokenguardian.apiserver.HttpDate;
import io.tokenguardian.apiserver.HttpsProbeConnection;
import io.tokenguardian.apiserver.ProbeExchange;
import io.tokenguardian.token.JsonObjects;
import java.text.ParseException;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A Kubernetes API object, or the reason why it can't be read. */
sealed interface ObjectReading {
    /** The object, and the response's {@code Date}; null if it had none. */
    record Found(Map<String, Object> object, @Nullable Instant date) implements ObjectReading {}

    record Missing() implements ObjectReading {}

    record Unauthorized() implements ObjectReading {}

    record Forbidden() implements ObjectReading {}

    /** No usable response arrived; the explanation names the address. */
    record Unknown(String explanation) implements ObjectReading {}

    /** Sends and reads as {@link HttpsProbeConnection#exchange} does, and blocks. */
    static ObjectReading of(HttpsProbeConnection connection, @Nullable String bearer, String path, String body) {
        String request = (body.isEmpty() ? "GET " : "POST ") + path;
        return connection
                .<ObjectReading>exchange(
                        bearer,
                        path,
                        body,
                        response -> of(connection.address(), request, response),
                        ObjectReading.Unknown::new)
                .join();
    }

    private static ObjectReading of(String address, String request, ProbeExchange.Response response) {
        Unknown unknown = new Unknown(
                "%s answered %s to %s".formatted(address, HttpResponseStatus.valueOf(response.status()), request));
        return switch (response.status()) {
            case 200, 201 -> found(response, new Unknown(address + " answered " + request + " without a JSON object"));
            case 401 -> new Unauthorized();
            case 403 -> new Forbidden();
            case 404 -> new Missing();
            // The pod proxy passes a failed health check on: its body is also an object.
            case 503 ->
                found(response, unknown) instanceof Found found
                                && found.object().containsKey("checks")
                        ? found
                        : unknown;
            default -> unknown;
        };
    }

    private static ObjectReading found(ProbeExchange.Response response, Unknown otherwise) {
        try {
            return new Found(
                    JsonObjects.parse(response.body()),
                    HttpDate.parse(response.headers().getAll("Date")));
        } catch (ParseException e) {
            return otherwise;
        }
    }
}
