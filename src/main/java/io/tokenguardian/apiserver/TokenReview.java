package io.tokenguardian.apiserver;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.tokenguardian.token.JsonObjects;
import io.tokenguardian.token.Token;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.text.ParseException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A query about another token. Unlike a 401, its response has a reason (docs/api-server.md, Token validity). */
final class TokenReview {
    static final String PATH = "/apis/authentication.k8s.io/v1/tokenreviews";

    /** In characters. The server's texts are shorter, even with two audiences. */
    private static final int LONGEST_REASON = 300;

    /**
     * A run of characters that may be part of a token. A token contains at least two runs of this length: its payload
     * and its signature. The longest run in the server's own texts is a uid of 36 characters.
     */
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

    /** Reads the outcome from a response. A 401 is about the bearer, so it shows nothing about the reviewed token. */
    static ProbeOutcome read(ApiServerAddress address, List<String> audiences, ProbeResponse response) {
        int status = response.status();
        if (status == ProbeOutcomeReader.FORBIDDEN) {
            return new ProbeOutcome.Forbidden();
        }
        if (status < 200 || status >= 300) {
            return ProbeOutcomeReader.unavailable(address, "POST " + PATH, response);
        }
        try {
            return read(audiences, JsonObjects.parse(response.body()));
        } catch (ParseException e) {
            return new ProbeOutcome.Unavailable(address + " answered POST " + PATH + " without a TokenReview", null);
        }
    }

    private static ProbeOutcome read(List<String> audiences, Map<String, Object> review) throws ParseException {
        Map<String, Object> status = JSONObjectUtils.getJSONObject(review, "status");
        if (status == null) {
            throw new ParseException("no status", 0);
        }
        // An absent field means false, according to the API.
        if (!Boolean.TRUE.equals(status.get("authenticated"))) {
            return new ProbeOutcome.Unauthorized(reason(JSONObjectUtils.getString(status, "error")));
        }
        List<String> accepted = JSONObjectUtils.getStringList(status, "audiences");
        // A server without support for audiences returns none, according to the API.
        if (!audiences.isEmpty() && (accepted == null || audiences.stream().noneMatch(accepted::contains))) {
            return new ProbeOutcome.Unauthorized("the API server does not confirm that the token is for " + audiences);
        }
        Map<String, Object> user = JSONObjectUtils.getJSONObject(status, "user");
        return new ProbeOutcome.Authenticated(user == null ? null : JSONObjectUtils.getString(user, "username"));
    }

    /** Returns the server's text, or null if the text might reveal the token, although no known text does. */
    private static @Nullable String reason(@Nullable String error) {
        if (error == null || error.isBlank()) {
            return null;
        }
        return error.length() > LONGEST_REASON || LONG_RUN.matcher(error).find() ? null : error;
    }
}
