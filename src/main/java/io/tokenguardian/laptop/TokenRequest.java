package io.tokenguardian.laptop;

import io.tokenguardian.apiserver.HttpsProbeConnection;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenClaims;
import io.tokenguardian.token.TokenFormatException;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * For the API server's own audience. The replica that responds issues and stamps the token by its own clock.
 *
 * @param lifetime at least ten minutes, the API server's minimum
 */
record TokenRequest(String namespace, String serviceAccount, Duration lifetime, TokenClaims.@Nullable Reference pod) {
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

    /** Sends the request. Blocks. */
    ApiReading<Token> send(HttpsProbeConnection connection, @Nullable String bearer) {
        return ApiReading.of(connection, bearer, path(), body()).map(TokenRequest::token);
    }

    private static Token token(JsonObject response) {
        try {
            return Token.parse(response.getJsonObject("status").getString("token"));
        } catch (TokenFormatException e) {
            throw new IllegalArgumentException("not a signed JWT", e);
        }
    }
}
