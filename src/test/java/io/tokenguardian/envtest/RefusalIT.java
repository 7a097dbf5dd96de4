package io.tokenguardian.envtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.standin.TokenSpec;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a real API server responds to a token that it does not accept (docs/api-server.md, 401 responses). */
@Tag("envtest")
class RefusalIT {
    private static final String BODY =
            "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\",\"message\":\"Unauthorized\","
                    + "\"reason\":\"Unauthorized\",\"code\":401}\n";

    private final ControlPlane plane = ControlPlane.shared();
    private final ApiServer server = plane.apiServer(1);
    private final Account account = Account.create(plane);

    private static Instant in(int seconds) {
        return Instant.now().plusSeconds(seconds);
    }

    static Stream<Arguments> causes() {
        return Stream.of(
                cause("service account token is not valid yet", spec -> spec.notBefore(in(500))),
                cause(
                        "service account token is issued in the future",
                        spec -> spec.issuedAt(in(500)).notBefore(in(0))),
                cause("service account token has expired", spec -> spec.expiresAt(in(-500))),
                cause(
                        "token audiences [\"vault\"] is invalid for the target audiences [\"https://kubernetes.default.svc.cluster.local\"]",
                        spec -> spec.audience("vault")),
                cause("invalid signature, no keys found", spec -> spec.signedBy(TokenSpec.Signer.UNKNOWN_KEY)),
                cause("invalid bearer token", spec -> spec.issuer("https://elsewhere")),
                cause("does not match claim (other)", spec -> spec.serviceAccountUid("other")),
                cause("does not match service account pod ref claim (other)", spec -> spec.podUid("other")),
                // The checks come in this order: audience, nbf, exp, iat.
                cause("token audiences", spec -> spec.audience("vault").expiresAt(in(-500))),
                cause("not valid yet", spec -> spec.notBefore(in(500)).expiresAt(in(-500))),
                cause(
                        "has expired",
                        spec -> spec.issuedAt(in(500)).notBefore(in(0)).expiresAt(in(-500))));
    }

    private static Arguments cause(String text, UnaryOperator<TokenSpec> change) {
        return Arguments.of(text, change);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("causes")
    void theResponseHidesTheCauseAndATokenReviewNamesTheCause(String text, UnaryOperator<TokenSpec> change) {
        String token = plane.files().issue(change.apply(account.spec()));

        Api.Response response = server.with(token).get("/api/v1/pods");

        assertThat(response.status()).isEqualTo(401);
        assertThat(response.body()).isEqualTo(BODY);
        assertThat(response.headers().map().keySet())
                .usingElementComparator(String.CASE_INSENSITIVE_ORDER)
                .containsExactlyInAnyOrder("Audit-Id", "Cache-Control", "Content-Type", "Date", "Content-Length");
        assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-cache, private");
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(response.headers().firstValue("Audit-Id")).get().satisfies(UUID::fromString);
        assertThat(review(token)).contains(text);
    }

    private String review(String token) {
        return server.admin()
                .post("/apis/authentication.k8s.io/v1/tokenreviews", "{\"spec\":{\"token\":\"" + token + "\"}}")
                .succeeded()
                .json()
                .path("status")
                .path("error")
                .asText();
    }

    @ParameterizedTest
    @ValueSource(strings = {"curl/8", "Mozilla/5.0", "Wget/1"})
    void theBodyIsIndentedForBrowsersAndCurl(String userAgent) throws Exception {
        Api caller = server.with(plane.files().issue(account.spec().notBefore(in(500))));
        HttpRequest request = caller.request("GET", "/api", null, "")
                .header("User-Agent", userAgent)
                .build();

        HttpResponse<String> response = caller.http().send(request, HttpResponse.BodyHandlers.ofString());

        assertThat(response.body()).hasSize(157).startsWith("{\n  \"kind\": \"Status\",\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/version", "/healthz", "/livez", "/readyz", "/api", "/nowhere"})
    void aBadTokenIsRefusedOnPathsThatAnonymousCallersMayRead(String path) {
        Api.Response response = server.with("bad").get(path);

        assertThat(response.status()).isEqualTo(401);
        assertThat(response.body()).isEqualTo(BODY);
    }

    @Test
    void a401ClosesHttp2ConnectionsButNotHttp1Connections() throws Exception {
        for (HttpClient.Version version : HttpClient.Version.values()) {
            try (ConnectionDealer dealer = new ConnectionDealer(plane.apiServers())) {
                Api caller = new Api(plane.files().anyone(), version, dealer.url(), "bad");

                caller.get("/api");
                caller.get("/api");

                assertThat(dealer.dealt()).as("%s", version).isEqualTo(version == HttpClient.Version.HTTP_2 ? 2 : 1);
            }
        }
    }

    @Test
    void aServiceAccountThatWasRecreatedNeedsNewTokens() {
        Api caller = server.with(account.token());
        String path = account.core() + "/serviceaccounts/app";
        server.admin().delete(path).succeeded();

        server.admin()
                .post(account.core() + "/serviceaccounts", "{\"metadata\":{\"name\":\"app\"}}")
                .succeeded();

        await().until(() -> caller.get("/api").status() == 401);
        assertThat(review(account.token())).contains("does not match claim");
        Account again = account.again(server.admin());
        assertThat(server.with(plane.files().issue(again.spec())).get("/api").status())
                .isEqualTo(200);
    }

    /** The token expires at the latest at {@code deletionTimestamp} + 60 s. */
    @Test
    void aPodThatIsBeingDeletedKeepsItsTokenUntilItIsGone() {
        Api caller = server.with(account.token());
        server.admin().delete(account.pod() + "?gracePeriodSeconds=30").succeeded();
        assertThat(server.with(account.token()).get("/api").status()).isEqualTo(200);

        server.admin().delete(account.pod() + "?gracePeriodSeconds=0").succeeded();

        await().until(() -> caller.get("/api").status() == 401);
        assertThat(review(account.token())).contains("service account token has been invalidated");
    }
}
