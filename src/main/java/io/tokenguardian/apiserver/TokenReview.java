package io.tokenguardian.apiserver;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.tokenguardian.token.Token;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.text.ParseException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What one bearer asks an API server about another token: a TokenReview returns the reason that a 401 does not
 * (docs/api-server.md, Token validity).
 */
final class TokenReview {
    static final String PATH = "/apis/authentication.k8s.io/v1/tokenreviews";

    /** Longer than any text of the server's own that names two audiences. */
    private static final int LONGEST_REASON = 300;

    /** A token has two such parts at least, payload and signature; of what the server's texts name, a uid has 36 characters. */
    private static final Pattern LONG_RUN = Pattern.compile("[A-Za-z0-9_-]{40,}");

    private TokenReview() {}

    static String body(Token reviewed, List<String> audiences) {
        JsonObject spec = new JsonObject().put("token", reviewed.bearer());
        if (!audiences.isEmpty()) {
            spec.put("audiences", new JsonArray(audiences));
        }
        return new JsonObject()
                .put("kind", "TokenReview")
                .put("apiVersion", "authentication.k8s.io/v1")
                .put("spec", spec)
                .encode();
    }

    /** A 401 is about the bearer, and so says nothing of the token that was asked about. */
    static Reply read(ApiServerAddress address, List<String> audiences, Exchange.Response response) {
        int status = response.status();
        if (status == ReplyReader.FORBIDDEN) {
            return new Reply.Forbidden();
        }
        if (status < 200 || status >= 300) {
            return ReplyReader.unavailable(address, "POST " + PATH, response);
        }
        try {
            return read(audiences, JSONObjectUtils.parse(response.body()));
        } catch (ParseException e) {
            return new Reply.Unavailable(address + " answered no TokenReview to POST " + PATH, null);
        }
    }

    private static Reply read(List<String> audiences, Map<String, Object> review) throws ParseException {
        Map<String, Object> status = JSONObjectUtils.getJSONObject(review, "status");
        if (status == null) {
            throw new ParseException("no status", 0);
        }
        // Absent means false (the API's own rule).
        if (!Boolean.TRUE.equals(status.get("authenticated"))) {
            return new Reply.Unauthorized(reason(JSONObjectUtils.getString(status, "error")));
        }
        List<String> meant = JSONObjectUtils.getStringList(status, "audiences");
        // A server that knows of no audiences names none (the API's own rule).
        if (!audiences.isEmpty() && (meant == null || Collections.disjoint(meant, audiences))) {
            return new Reply.Unauthorized("the API server does not say that the token is for " + audiences);
        }
        Map<String, Object> user = JSONObjectUtils.getJSONObject(status, "user");
        return new Reply.Authenticated(user == null ? null : JSONObjectUtils.getString(user, "username"));
    }

    /** The server's words, unless they might show the token: no text that is known does. */
    private static @Nullable String reason(@Nullable String error) {
        if (error == null || error.isBlank()) {
            return null;
        }
        return error.length() > LONGEST_REASON || LONG_RUN.matcher(error).find() ? null : error;
    }
}
