package io.tokenguardian.standin;

import org.jspecify.annotations.Nullable;

/** The options that can be changed while the server runs. Every request reads the current values. */
final class Toggles {

    volatile boolean anonymous;
    volatile Authorization authorization = (user, request) -> true;
    volatile Backend backend = Backend.mirror();
    volatile Response.@Nullable Full upgradeRefusal;

    /** Whether {@code user} is authorized to make the request. RBAC denies nothing to {@code system:masters}. */
    boolean allows(User user, RequestInfo request) {
        return user.groups().contains("system:masters") || authorization.allows(user.name(), request);
    }
}
