package io.tokenguardian.standin;

/** The options that can be changed while the server runs. Every request reads the current values. */
final class Toggles {

    volatile boolean anonymous;
    volatile Authorization authorization = (user, request) -> true;
    volatile Backend backend = Backend.mirror();

    /** Whether {@code user} is authorized to make the request. RBAC denies nothing to {@code system:masters}. */
    boolean allows(User user, RequestInfo request) {
        return user.groups().contains("system:masters") || authorization.allows(user.name(), request);
    }
}
