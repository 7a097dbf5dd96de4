package io.tokenguardian.dev;

/** Ends a request with a Kubernetes {@code Status} of failure. */
final class StatusException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int code;
    private final String reason;

    StatusException(int code, String reason, String message) {
        super(message, null, false, false);
        this.code = code;
        this.reason = reason;
    }

    static StatusException notFound(ResourceType type, String name) {
        return new StatusException(404, "NotFound", resource(type) + " \"" + name + "\" not found");
    }

    static StatusException alreadyExists(ResourceType type, String name) {
        return new StatusException(409, "AlreadyExists", resource(type) + " \"" + name + "\" already exists");
    }

    static StatusException conflict(ResourceType type, String name) {
        return new StatusException(
                409,
                "Conflict",
                "Operation cannot be fulfilled on " + resource(type) + " \"" + name
                        + "\": the object has been modified; please apply your changes to the latest version and try"
                        + " again");
    }

    /** The object's uid is not the one that the request expects. */
    static StatusException uidConflict(ResourceType type, String name, String expected, String found) {
        return new StatusException(
                409,
                "Conflict",
                "Operation cannot be fulfilled on " + resource(type) + " \"" + name
                        + "\": Precondition failed: UID in precondition: " + expected + ", UID in object meta: "
                        + found);
    }

    static StatusException badRequest(String message) {
        return new StatusException(400, "BadRequest", message);
    }

    static StatusException notAllowed() {
        return new StatusException(
                405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
    }

    private static String resource(ResourceType type) {
        return type.group().isEmpty() ? type.plural() : type.plural() + "." + type.group();
    }

    Response toResponse() {
        return Response.status(code, reason, String.valueOf(getMessage()));
    }
}
