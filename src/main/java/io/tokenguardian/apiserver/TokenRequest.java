package io.tokenguardian.apiserver;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.tokenguardian.token.JsonObjects;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenFormatException;
import java.text.ParseException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A TokenRequest: the replica that answers it issues a token, stamped by its own clock. */
final class TokenRequest {
    private static final int UNAUTHORIZED = 401;
    private static final int CREATED = 201;

    private TokenRequest() {}

    static String path(String namespace, String serviceAccount) {
        return "/api/v1/namespaces/" + namespace + "/serviceaccounts/" + serviceAccount + "/token";
    }

    /** A request for a token for the API server's own audience, bound to no object. */
    static String body(Duration lifetime) {
        return """
                {"kind":"TokenRequest","apiVersion":"authentication.k8s.io/v1",\
                "spec":{"expirationSeconds":%d}}""".formatted(lifetime.toSeconds());
    }

    static ProbeOutcome read(ApiServerAddress address, String path, ProbeExchange.Response response) {
        Token token = response.status() == CREATED ? token(response.body()) : null;
        if (token != null) {
            return new ProbeOutcome.Issued(token);
        }
        return switch (response.status()) {
            case UNAUTHORIZED -> new ProbeOutcome.Unauthorized();
            case ProbeOutcomeReader.FORBIDDEN -> new ProbeOutcome.Forbidden();
            case ProbeOutcomeReader.NOT_FOUND -> new ProbeOutcome.NoServiceAccount();
            case CREATED ->
                new ProbeOutcome.Unavailable(address + " answered POST " + path + " without a signed JWT", null);
            default -> ProbeOutcomeReader.unavailable(address, "POST " + path, response);
        };
    }

    private static @Nullable Token token(String body) {
        try {
            Map<String, Object> status = JSONObjectUtils.getJSONObject(JsonObjects.parse(body), "status");
            String text = status == null ? null : JSONObjectUtils.getString(status, "token");
            return text == null ? null : Token.parse(text);
        } catch (ParseException | TokenFormatException e) {
            return null;
        }
    }
}
