package io.tokenguardian.laptop;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.tokenguardian.apiserver.HttpDate;
import io.tokenguardian.apiserver.HttpsProbeConnection;
import io.tokenguardian.apiserver.ProbeResponse;
import io.tokenguardian.token.JsonObjects;
import io.vertx.core.json.JsonObject;
import java.text.ParseException;
import java.time.Instant;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An object of the Kubernetes API, or why it is not known.
 *
 * @param value null if the object is missing or can't be read
 * @param status the HTTP status; 0 if no response arrived
 * @param explanation what was answered, in words
 * @param date the response's {@code Date}
 */
record ApiReading<T>(
        @Nullable T value,
        int status,
        String explanation,
        @Nullable Instant date) {
    private static final int UNAUTHORIZED = 401;
    private static final int NOT_FOUND = 404;
    private static final int UNAVAILABLE = 503;

    static <T> ApiReading<T> missing() {
        return new ApiReading<>(null, NOT_FOUND, "", null);
    }

    static <T> ApiReading<T> unknown(String explanation) {
        return new ApiReading<>(null, 0, explanation, null);
    }

    /** Sends a GET, or a POST if it has a body, and blocks. */
    static ApiReading<JsonObject> of(
            HttpsProbeConnection connection, @Nullable String bearer, String path, String body) {
        String request = (body.isEmpty() ? "GET " : "POST ") + path;
        return connection
                .<ApiReading<JsonObject>>exchange(
                        bearer,
                        path,
                        body,
                        response -> of(connection.address(), request, response),
                        ApiReading::unknown)
                .join();
    }

    private static ApiReading<JsonObject> of(String address, String request, ProbeResponse response) {
        HttpResponseStatus status = HttpResponseStatus.valueOf(response.status());
        Instant date = HttpDate.parse(response.headers().getAll("Date"));
        String explanation = address + " answered " + status + " to " + request;
        JsonObject object = null;
        try {
            object = new JsonObject(JsonObjects.parse(response.body()));
        } catch (ParseException e) {
            // the status has to do
        }
        // The pod proxy passes a failed health check on: its body is the object.
        boolean isHealth = status.code() == UNAVAILABLE && object != null && object.containsKey("checks");
        if (status.code() / 100 == 2 || isHealth) {
            return new ApiReading<>(object, status.code(), explanation, date);
        }
        String message = object == null ? null : object.getString("message");
        return new ApiReading<>(
                null,
                status.code(),
                message == null ? explanation : address + " answered " + status.code() + ": " + message,
                date);
    }

    boolean isMissing() {
        return status == NOT_FOUND;
    }

    boolean isUnauthorized() {
        return status == UNAUTHORIZED;
    }

    /** Null if the object is known, or known to be missing. */
    @Nullable
    String unknownBecause() {
        return value != null || isMissing() ? null : explanation;
    }

    /** {@code parse} may throw any unchecked exception if a field is missing or has another type. */
    <R> ApiReading<R> map(Function<T, R> parse) {
        if (value == null) {
            return new ApiReading<>(null, status, explanation, date);
        }
        try {
            return new ApiReading<>(parse.apply(value), status, explanation, date);
        } catch (RuntimeException e) {
            return unknown(explanation + ", without a field of the Kubernetes API");
        }
    }
}
