package io.tokenguardian.standin;

import io.netty.handler.codec.http.HttpHeaders;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/**
 * Authenticates and authorizes each request to a replica before the replica processes it (docs/api-server.md, 401
 * responses).
 */
final class AccessCheck {

    /**
     * The decision about one request.
     *
     * @param user null if the request is not authenticated
     * @param refusal the response to a refused request; null if the request is allowed
     * @param cause why the request was not authenticated; null if it was authenticated
     */
    record Decision(
            @Nullable User user,
            Response.@Nullable Full refusal,
            @Nullable String cause) {}

    private static final String UNKNOWN_CLIENT = "x509: certificate signed by unknown authority";

    private final Toggles toggles;
    private final Authenticator authenticator;
    private final Certificates clientAuthority;

    AccessCheck(Toggles toggles, Authenticator authenticator, Certificates clientAuthority) {
        this.toggles = toggles;
        this.authenticator = authenticator;
        this.clientAuthority = clientAuthority;
    }

    /**
     * Decides whether a request is allowed. A client certificate takes precedence over a token. A caller with an
     * invalid certificate and no token gets a 401 instead of being treated as anonymous.
     *
     * @param certificate the certificate that the client presented on this connection; null for none
     */
    Decision decide(ReceivedHead head, HttpHeaders headers, @Nullable X509Certificate certificate) {
        String bearer = Credential.of(headers);
        User client = certificate == null ? null : clientAuthority.user(certificate);
        if (client != null) {
            return authorize(client, head);
        }
        if (bearer == null) {
            return certificate == null ? anonymous(head) : new Decision(null, Response.UNAUTHORIZED, UNKNOWN_CLIENT);
        }
        Authentication authentication = authenticator.authenticate(bearer);
        if (authentication instanceof Authentication.Authenticated authenticated) {
            return authorize(authenticated.user(), head);
        }
        String cause = authentication instanceof Authentication.Refused refused ? refused.cause() : "";
        return new Decision(null, Response.UNAUTHORIZED, cause);
    }

    private Decision authorize(User user, ReceivedHead head) {
        boolean allowed = toggles.allows(user, RequestInfo.of(head));
        return new Decision(user, allowed ? null : forbidden(user, head), null);
    }

    private Decision anonymous(ReceivedHead head) {
        if (!toggles.anonymous) {
            return new Decision(null, Response.UNAUTHORIZED, "no credential");
        }
        boolean allowed = head.method().equals("GET") && InfoEndpoint.isOpenToAnonymous(head.path());
        return new Decision(User.ANONYMOUS, allowed ? null : forbidden(User.ANONYMOUS, head), null);
    }

    private static Response.Full forbidden(User user, ReceivedHead head) {
        return RequestInfo.of(head).forbidden(user.name());
    }
}
