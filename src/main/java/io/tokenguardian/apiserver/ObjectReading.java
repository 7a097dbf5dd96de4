package io.tokenguardian.apiserver;

import io.tokenguardian.token.JsonObjects;
import java.text.ParseException;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A Kubernetes API object, or the reason why it can't be read. */
public sealed interface ObjectReading {
    /**
     * The object.
     *
     * @param date the response's {@code Date}; null if it had none
     */
    record Found(Map<String, Object> object, @Nullable Instant date) implements ObjectReading {}

    /** The object does not exist. */
    record Missing() implements ObjectReading {}

    /** The requester's credential was refused. */
    record Unauthorized() implements ObjectReading {}

    /** The requester may not read the object. */
    record Forbidden() implements ObjectReading {}

    /**
     * No usable response arrived.
     *
     * @param explanation one human-readable line that names the address
     */
    record Unknown(String explanation) implements ObjectReading {}

    /** Converts a response to {@code GET path} into a reading. */
    static ObjectReading of(ApiServerAddress address, String path, ProbeExchange.Response response) {
        return switch (response.status()) {
            case ProbeOutcomeReader.OK -> found(address, path, response);
            case ProbeOutcomeReader.NOT_FOUND -> new Missing();
            case ProbeOutcomeReader.UNAUTHORIZED -> new Unauthorized();
            case ProbeOutcomeReader.FORBIDDEN -> new Forbidden();
            case ProbeOutcomeReader.UNAVAILABLE -> health(address, path, response);
            default -> unknown(address, path, response);
        };
    }

    private static ObjectReading unknown(ApiServerAddress address, String path, ProbeExchange.Response response) {
        return new Unknown(
                ProbeOutcomeReader.unavailable(address, "GET " + path, response).explanation());
    }

    /**
     * Reads the response to a health check, which the API server's pod proxy passes on. A failed check has status 503,
     * but its body is also an object.
     */
    private static ObjectReading health(ApiServerAddress address, String path, ProbeExchange.Response response) {
        return found(address, path, response) instanceof Found found
                        && found.object().containsKey("checks")
                ? found
                : unknown(address, path, response);
    }

    private static ObjectReading found(ApiServerAddress address, String path, ProbeExchange.Response response) {
        try {
            return new Found(
                    JsonObjects.parse(response.body()),
                    HttpDate.parse(response.headers().getAll("Date")));
        } catch (ParseException e) {
            return new Unknown(address + " answered GET " + path + " without a JSON object");
        }
    }
}
