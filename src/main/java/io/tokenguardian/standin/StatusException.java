package io.tokenguardian.standin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * Ends a request with a Kubernetes {@code Status} that reports a failure (<i>apimachinery</i>, {@code pkg/api/errors}).
 */
final class StatusException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int code;
    private final @Nullable String reason;
    private final transient @Nullable ObjectNode details;

    private StatusException(int code, @Nullable String reason, String message, @Nullable ObjectNode details) {
        super(message, null, false, false);
        this.code = code;
        this.reason = reason;
        this.details = details;
    }

    static StatusException notFound(ResourceType type, String name) {
        return of(404, "NotFound", type, name, resource(type) + " \"" + name + "\" not found");
    }

    static StatusException alreadyExists(ResourceType type, String name) {
        return of(409, "AlreadyExists", type, name, resource(type) + " \"" + name + "\" already exists");
    }

    /** Ends an update that is based on an outdated version of the object. */
    static StatusException conflict(ResourceType type, String name) {
        return conflict(
                type,
                name,
                "the object has been modified; please apply your changes to the latest version and try again");
    }

    static StatusException conflict(ResourceType type, String name, String cause) {
        return of(409, "Conflict", type, name, conflictMessage(resource(type), name, cause));
    }

    static StatusException conflict(String kind, String name, String cause) {
        return new StatusException(409, "Conflict", conflictMessage(kind, name, cause), Json.details("", kind, name));
    }

    private static String conflictMessage(String what, String name, String cause) {
        return "Operation cannot be fulfilled on " + what + " \"" + name + "\": " + cause;
    }

    /** Ends a request whose object has an invalid {@code field}. {@code name} is empty if the object has no name. */
    static StatusException invalid(String group, String kind, String name, String reason, String field, String cause) {
        return invalid(group, kind, name, reason, field, cause, 1);
    }

    /**
     * Ends a request that changes an immutable {@code field}. The server validates the field twice, so the cause
     * appears twice.
     */
    static StatusException immutable(ResourceType type, String name, String field, String value) {
        String cause = "Invalid value: \"" + value + "\": field is immutable";
        return invalid(type.group(), type.kind(), name, "FieldValueInvalid", field, cause, 2);
    }

    private static StatusException invalid(
            String group, String kind, String name, String reason, String field, String cause, int times) {
        ObjectNode details = Json.details(group, kind, name.isEmpty() ? null : name);
        ArrayNode causes = details.putArray("causes");
        for (int i = 0; i < times; i++) {
            causes.addObject().put("reason", reason).put("message", cause).put("field", field);
        }
        String qualified = group.isEmpty() ? kind : kind + "." + group;
        return new StatusException(
                422, "Invalid", qualified + " \"" + name + "\" is invalid: " + field + ": " + cause, details);
    }

    static StatusException badRequest(String message) {
        return new StatusException(400, "BadRequest", message, null);
    }

    /** Ends a request after an error that was not reported as a {@code Status}. */
    static StatusException internal(String message) {
        return new StatusException(500, null, message, null);
    }

    static StatusException notAllowed() {
        return new StatusException(
                405,
                "MethodNotAllowed",
                "the server does not allow this method on the requested resource",
                Json.object());
    }

    static StatusException noSuchResource() {
        return new StatusException(404, "NotFound", "the server could not find the requested resource", Json.object());
    }

    static StatusException unsupportedMediaType() {
        return new StatusException(415, "UnsupportedMediaType", "415: Unsupported Media Type", Json.object());
    }

    private static StatusException of(int code, String reason, ResourceType type, String name, String message) {
        return new StatusException(code, reason, message, Json.details(type.group(), type.plural(), name));
    }

    private static String resource(ResourceType type) {
        return type.group().isEmpty() ? type.plural() : type.plural() + "." + type.group();
    }

    Response toResponse() {
        return Response.status(code, reason, String.valueOf(getMessage()), details);
    }
}
