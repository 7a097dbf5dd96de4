package io.tokenguardian.dev;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Who may pass at one replica: authentication, then authorization, before anything else (docs/api-server.md, 401
 * responses).
 */
final class Gatekeeper {

    /**
     * What was decided.
     *
     * @param user null when unauthenticated
     * @param refusal the answer to one who may not pass; null if the request goes on
     * @param cause why the credential was refused; null if it wasn't
     */
    record Decision(
            @Nullable User user,
            Response.@Nullable Full refusal,
            @Nullable String cause) {}

    private final Settings settings;
    private final Authenticator authenticator;

    Gatekeeper(Settings settings, Authenticator authenticator) {
        this.settings = settings;
        this.authenticator = authenticator;
    }

    Decision decide(RequestHead head, HttpHeaders headers) {
        String bearer = Credential.of(headers);
        if (bearer == null) {
            return anonymous(head);
        }
        Authentication authentication = authenticator.authenticate(bearer);
        if (authentication instanceof Authentication.Authenticated authenticated) {
            User user = authenticated.user();
            boolean allowed = settings.authorization.allows(user.name(), head.method(), head.path());
            return new Decision(user, allowed ? null : forbidden(user, head), null);
        }
        String cause = authentication instanceof Authentication.Refused refused ? refused.cause() : "";
        return new Decision(null, Response.UNAUTHORIZED, cause);
    }

    private Decision anonymous(RequestHead head) {
        if (!settings.anonymous) {
            return new Decision(null, Response.UNAUTHORIZED, "no credential");
        }
        boolean allowed = InfoEndpoint.isOpenToAnonymous(head.path());
        return new Decision(User.ANONYMOUS, allowed ? null : forbidden(User.ANONYMOUS, head), null);
    }

    private static Response.Full forbidden(User user, RequestHead head) {
        return Response.status(
                403,
                "Forbidden",
                "forbidden: User \"" + user.name() + "\" cannot "
                        + head.method().toLowerCase(Locale.ROOT) + " path \"" + head.path() + "\"");
    }
}
