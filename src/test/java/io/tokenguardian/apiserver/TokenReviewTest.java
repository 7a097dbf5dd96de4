package io.tokenguardian.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenReviewTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final ApiServerAddress ADDRESS = new ApiServerAddress("10.96.0.1", 443, "10.96.0.1");
    private static final Token TOKEN = TestTokens.issuedAt(NOON).token();
    private static final List<String> VAULT = List.of("vault");

    @Test
    void theRequestHasTheTokenAndTheAudiences() {
        JsonObject spec =
                new JsonObject(TokenReview.body(TOKEN, List.of("vault", "a \"quoted\" one"))).getJsonObject("spec");

        assertThat(spec.getString("token")).isEqualTo(TOKEN.bearer());
        assertThat(spec.getJsonArray("audiences")).isEqualTo(JsonArray.of("vault", "a \"quoted\" one"));
    }

    @Test
    void aRequestWithoutAudiencesOmitsThem() {
        assertThat(new JsonObject(TokenReview.body(TOKEN, List.of()))
                        .getJsonObject("spec")
                        .fieldNames())
                .containsExactly("token");
    }

    @Test
    void aTokenThatIsAuthenticatedForOneOfTheAudiencesIsAccepted() {
        ProbeOutcome outcome = read(201, status("""
                "authenticated":true,"user":{"username":"system:serviceaccount:shop:cart"},\
                "audiences":["bank","vault"]"""));

        assertThat(outcome).isEqualTo(new ProbeOutcome.Authenticated("system:serviceaccount:shop:cart"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"authenticated\":true",
                "\"authenticated\":true,\"audiences\":[]",
                "\"authenticated\":true,\"audiences\":[null]",
                "\"authenticated\":true,\"audiences\":[\"https://kubernetes.default.svc\"]"
            })
    void anAcceptanceForOtherAudiencesIsARefusal(String status) {
        assertThat(read(201, status(status)))
                .isEqualTo(new ProbeOutcome.Unauthorized(
                        "the API server does not confirm that the token is for" + " [vault]"));
    }

    @Test
    void aRequestWithoutAudiencesNeedsNoAudienceInTheResponse() {
        ProbeOutcome outcome = TokenReview.read(ADDRESS, List.of(), response(201, status("\"authenticated\":true")));

        assertThat(outcome).isEqualTo(new ProbeOutcome.Authenticated(null));
    }

    @Test
    void aRefusalHasTheServersReason() {
        String error =
                "[invalid bearer token, service account UID (0a1b2c3d-0000-4000-8000-000000000001) does not match"
                        + " claim (0a1b2c3d-0000-4000-8000-000000000002)]";

        assertThat(read(201, status("\"user\":{},\"error\":\"" + error + "\"")))
                .isEqualTo(new ProbeOutcome.Unauthorized(error));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\"authenticated\":false", "\"authenticated\":\"true\"", "\"error\":\" \""})
    void aResponseWithoutAReasonIsARefusalToo(String status) {
        assertThat(read(201, status(status))).isEqualTo(new ProbeOutcome.Unauthorized());
    }

    @Test
    void aReasonThatMayShowPartOfATokenIsNotReported() {
        for (String part : TOKEN.bearer().split("\\.", -1)) {
            assertThat(read(201, status("\"error\":\"can't read " + part + "\"")))
                    .isEqualTo(new ProbeOutcome.Unauthorized());
        }
    }

    @Test
    void aReasonThatIsTooLongIsNotReported() {
        assertThat(read(201, status("\"error\":\"" + "no ".repeat(100) + "\"")))
                .isEqualTo(new ProbeOutcome.Unauthorized("no ".repeat(100)));
        assertThat(read(201, status("\"error\":\"" + "no ".repeat(100) + "!\"")))
                .isEqualTo(new ProbeOutcome.Unauthorized());
    }

    @Test
    void aCallerWithoutPermissionIsForbidden() {
        assertThat(read(403, "{}")).isEqualTo(new ProbeOutcome.Forbidden());
    }

    @Test
    void aRefusalOfTheBearerTokenDoesNotJudgeTheOtherToken() {
        assertThat(read(401, "{}"))
                .isEqualTo(new ProbeOutcome.Unavailable(
                        "10.96.0.1:443 answered 401 Unauthorized to POST "
                                + "/apis/authentication.k8s.io/v1/tokenreviews",
                        null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "{}", "{\"status\":[]}", "{\"status\":{\"error\":1}}"})
    void aResponseThatIsNotAReviewIsUnavailable(String body) {
        assertThat(read(201, body)).isInstanceOf(ProbeOutcome.Unavailable.class);
    }

    private static String status(String status) {
        return "{\"kind\":\"TokenReview\",\"status\":{" + status + "}}";
    }

    private static ProbeOutcome read(int status, String body) {
        return TokenReview.read(ADDRESS, VAULT, response(status, body));
    }

    private static ProbeResponse response(int status, String body) {
        return new ProbeResponse(NOON, NOON, status, new DefaultHttpHeaders(), body, true);
    }
}
