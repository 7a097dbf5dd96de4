package io.tokenguardian.dev;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Authenticates and authorizes each request to one replica, before anything else (docs/api-server.md, 401 responses).
 */
final class AccessCheck {

    /**
     * The decision on one request.
     *
     * @param user null if not authenticated
     * @param refusal the response to a refused request; null if the request goes on
     * @param cause why the credential was refused; null if it wasn't
     */
    record Decision(
            @Nullable User user,
            Response.@Nullable Full refusal,
            @Nullable String cause) {}

    private final Toggles toggles;
    private final Authenticator authenticator;

    AccessCheck(Toggles toggles, Authenticator authenticator) {
        this.toggles = toggles;
        this.authenticator = authenticator;
    }

    Decision decide(ReceivedHead head, HttpHeaders headers) {
        String bearer = Credential.of(headers);
        if (bearer == null) {
            return anonymous(head);
        }
        Authentication authentication = authenticator.authenticate(bearer);
        if (authentication instanceof Authentication.Authenticated authenticated) {
            User user = authenticated.user();
            boolean allowed = toggles.authorization.allows(user.name(), head.method(), head.path());
            return new Decision(user, allowed ? null : forbidden(user, head), null);
        }
        String cause = authentication instanceof Authentication.Refused refused ? refused.cause() : "";
        return new Decision(null, Response.UNAUTHORIZED, cause);
    }

    private Decision anonymous(ReceivedHead head) {
        if (!toggles.anonymous) {
            return new Decision(null, Response.UNAUTHORIZED, "no credential");
        }
        boolean allowed = InfoEndpoint.isOpenToAnonymous(head.path());
        return new Decision(User.ANONYMOUS, allowed ? null : forbidden(User.ANONYMOUS, head), null);
    }

    private static Response.Full forbidden(User user, ReceivedHead head) {
        return Response.status(
                403,
                "Forbidden",
                "forbidden: User \"" + user.name() + "\" cannot "
                        + head.method().toLowerCase(Locale.ROOT) + " path \"" + head.path() + "\"");
    }
}
