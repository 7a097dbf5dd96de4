package io.tokenguardian.laptop;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.tokenguardian.apiserver.HttpsProbeConnection;
import io.tokenguardian.token.Token;
import io.tokenguardian.token.TokenClaims;
import io.tokenguardian.token.TokenFormatException;
import io.vertx.core.json.JsonObject;
import java.text.ParseException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * For the API server's own audience. The replica that responds issues and stamps the token by its own clock.
 *
 * @param lifetime at least ten minutes, the API server's minimum
 */
record TokenRequest(String namespace, String serviceAccount, Duration lifetime, TokenClaims.@Nullable Reference pod) {
    /** {@code token} is null if the replica issued none; {@code reading} then explains why. */
    record Response(@Nullable Token token, ObjectReading reading) {}

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
    Response send(HttpsProbeConnection connection, @Nullable String bearer) {
        ObjectReading reading = ObjectReading.of(connection, bearer, path(), body());
        if (!(reading instanceof ObjectReading.Found found)) {
            return new Response(null, reading);
        }
        Token token = token(found.object());
        return new Response(
                token,
                token == null
                        ? new ObjectReading.Unknown(
                                connection.address() + " answered POST " + path() + " without a signed JWT")
                        : reading);
    }

    private static @Nullable Token token(Map<String, Object> object) {
        try {
            Map<String, Object> status = JSONObjectUtils.getJSONObject(object, "status");
            String text = status == null ? null : JSONObjectUtils.getString(status, "token");
            return text == null ? null : Token.parse(text);
        } catch (ParseException | TokenFormatException e) {
            return null;
        }
    }
}
