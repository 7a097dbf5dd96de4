package io.tokenguardian.apiserver;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.tokenguardian.token.JsonObjects;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenClaims;
import io.tokenguardian.token.TokenFormatException;
import io.vertx.core.json.JsonObject;
import java.text.ParseException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request for a token for the API server's own audience. The replica that responds issues the token and stamps it
 * with its own clock.
 *
 * @param lifetime the requested lifetime: at least ten minutes, which is the API server's minimum
 * @param pod the pod to which the token should be bound; null if none
 */
public record TokenRequest(
        String namespace, String serviceAccount, Duration lifetime, TokenClaims.@Nullable Reference pod) {
    private static final int CREATED = 201;

    String path() {
        return "/api/v1/namespaces/" + namespace + "/serviceaccounts/" + serviceAccount + "/token";
    }

    String body() {
        JsonObject spec = new JsonObject().put("expirationSeconds", lifetime.toSeconds());
        if (pod != null) {
            spec.put(
                    "boundObjectRef",
                    new JsonObject()
                            .put("kind", "Pod")
                            .put("apiVersion", "v1")
                            .put("name", pod.name())
                            .put("uid", pod.uid()));
        }
        return new JsonObject()
                .put("kind", "TokenRequest")
                .put("apiVersion", "authentication.k8s.io/v1")
                .put("spec", spec)
                .encode();
    }

    ProbeOutcome read(ApiServerAddress address, ProbeExchange.Response response) {
        Token token = response.status() == CREATED ? token(response.body()) : null;
        if (token != null) {
            return new ProbeOutcome.Issued(token);
        }
        return switch (response.status()) {
            case ProbeOutcomeReader.UNAUTHORIZED -> new ProbeOutcome.Unauthorized();
            case ProbeOutcomeReader.FORBIDDEN -> new ProbeOutcome.Forbidden();
            case ProbeOutcomeReader.NOT_FOUND -> new ProbeOutcome.NoServiceAccount();
            case CREATED ->
                new ProbeOutcome.Unavailable(address + " answered POST " + path() + " without a signed JWT", null);
            default -> ProbeOutcomeReader.unavailable(address, "POST " + path(), response);
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
