package io.tokenguardian.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jwt.SignedJWT;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a caller with an accepted token can do. */
class ResourceTest {

    private static final String MAPS = "/api/v1/namespaces/default/configmaps";
    private static final String TOKENS = "/api/v1/namespaces/default/serviceaccounts/default/token";
    private static final String SELF = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    private static final String SELF_ACCESS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

    @AutoClose
    private StandInApiServer server;

    private Caller caller;
    private String token;

    @BeforeEach
    void start() throws Exception {
        server = StandInApiServer.builder().start();
        caller = new Caller(server);
        token = server.issue();
    }

    private HttpResponse<String> send(String method, String path, String body) throws Exception {
        HttpRequest.BodyPublisher sent =
                body.isEmpty() ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body);
        return caller.send(Caller.request(server.url(), path, token)
                .header("Content-Type", method.equals("PATCH") ? "application/merge-patch+json" : "application/json")
                .method(method, sent)
                .build());
    }

    private static ObjectNode json(HttpResponse<String> answer) {
        return Json.parse(answer.body().getBytes(StandardCharsets.UTF_8), "Status");
    }

    private String tokenId() throws ParseException {
        return SignedJWT.parse(token).getJWTClaimsSet().getJWTID();
    }

    private static String map(String name, String value) {
        return "{\"metadata\":{\"name\":\"" + name + "\"},\"data\":{\"key\":\"" + value + "\"}}";
    }

    @Test
    void tellsWhoOneIs() throws Exception {
        // When
        HttpResponse<String> answer = new Caller(server).send(server.url(), "POST", SELF, token, "{}");
        // Then
        assertThat(answer.statusCode()).isEqualTo(201);
        assertThat(json(answer).at("/status/userInfo/username").asText())
                .isEqualTo("system:serviceaccount:default:default");
        assertThat(json(answer).at("/status/userInfo/groups").toString())
                .contains("system:serviceaccounts", "system:authenticated");
        assertThat(json(answer).at("/status/userInfo/extra").toString())
                .contains("JTI=" + tokenId(), "\"demo\"", "\"node-1\"");
    }

    @ParameterizedTest
    @CsvSource({
        "CURRENT, 201, 201, 200",
        "WITHOUT_SELF_SUBJECT_REVIEW, 404, 201, 200",
        "WITHOUT_SELF_SUBJECT_ACCESS_REVIEW, 404, 404, 200"
    })
    void hasTheReviewsOfItsApiLevel(ApiLevel level, int self, int access, int api) throws Exception {
        // Given
        server.apiLevel(level);
        // When, Then
        assertThat(send("POST", SELF, "{}").statusCode()).isEqualTo(self);
        assertThat(send("POST", SELF_ACCESS, "{\"spec\":{}}").statusCode()).isEqualTo(access);
        assertThat(send("GET", "/api", "").statusCode()).isEqualTo(api);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api",
                "/apis",
                "/api/v1",
                "/apis/batch/v1",
                "/apis/authentication.k8s.io/v1",
                "/version",
                "/healthz",
                "/livez",
                "/readyz",
                "/openid/v1/jwks",
                "/.well-known/openid-configuration"
            })
    void servesWhatClientsLookAround(String path) throws Exception {
        // When
        HttpResponse<String> answer = send("GET", path, "");
        // Then
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isNotEmpty();
    }

    @Test
    void createsAndReadsAnObject() throws Exception {
        // Given
        HttpResponse<String> created = send("POST", MAPS, map("one", "1"));
        // When
        HttpResponse<String> read = send("GET", MAPS + "/one", "");
        // Then
        assertThat(created.statusCode()).isEqualTo(201);
        assertThat(read.statusCode()).isEqualTo(200);
        assertThat(json(read)).isEqualTo(json(created));
    }

    @Test
    void listsObjectsWithTheVersionToWatchFrom() throws Exception {
        // Given
        send("POST", MAPS, map("two", "2"));
        send("POST", MAPS, map("one", "1"));
        // When
        ObjectNode list = json(send("GET", MAPS + "?limit=500", ""));
        // Then
        assertThat(list.path("kind").asText()).isEqualTo("ConfigMapList");
        assertThat(list.path("items").findValuesAsText("name")).containsExactly("one", "two");
        assertThat(list.at("/metadata/resourceVersion").asText())
                .isEqualTo(list.at("/items/0/metadata/resourceVersion").asText());
    }

    @ParameterizedTest
    @CsvSource({"GET, 404", "DELETE, 404", "PUT, 404", "PATCH, 404"})
    void says404WithAStatusWhereNothingIs(String method, int status) throws Exception {
        // When
        HttpResponse<String> answer = send(method, MAPS + "/none", method.startsWith("P") ? "{}" : "");
        // Then
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(json(answer).path("message").asText()).isEqualTo("configmaps \"none\" not found");
    }

    @Test
    void says409WhereSomethingIs() throws Exception {
        // Given
        send("POST", MAPS, map("one", "1"));
        // When
        HttpResponse<String> answer = send("POST", MAPS, map("one", "1"));
        // Then
        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(json(answer).path("reason").asText()).isEqualTo("AlreadyExists");
    }

    @Test
    void says409ToAReplacementOfAnOlderVersion() throws Exception {
        // Given
        ObjectNode read = json(send("POST", MAPS, map("one", "1")));
        send("PATCH", MAPS + "/one", "{\"data\":{\"key\":\"2\"}}");
        // When
        HttpResponse<String> answer = send("PUT", MAPS + "/one", read.toString());
        // Then
        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(json(answer).path("reason").asText()).isEqualTo("Conflict");
    }

    @Test
    void patchesAPodsConditionsByType() throws Exception {
        // Given
        String status = "/api/v1/namespaces/default/pods/demo/status";
        send("PATCH", status, "{\"status\":{\"conditions\":[{\"type\":\"a\",\"status\":\"False\"}]}}");
        send("PATCH", status, "{\"status\":{\"conditions\":[{\"type\":\"b\",\"status\":\"False\"}]}}");
        // When
        HttpResponse<String> answer =
                send("PATCH", status, "{\"status\":{\"conditions\":[{\"type\":\"a\",\"status\":\"True\"}]}}");
        // Then
        assertThat(json(answer).at("/status/conditions").toString())
                .isEqualTo("[{\"type\":\"a\",\"status\":\"True\"},{\"type\":\"b\",\"status\":\"False\"}]");
    }

    @Test
    void deletesACollection() throws Exception {
        // Given
        send("POST", MAPS, map("one", "1"));
        send("POST", MAPS, map("two", "2"));
        // When
        HttpResponse<String> answer = send("DELETE", MAPS, "");
        // Then
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(server.objects().list(ResourceType.CONFIG_MAPS, "default")).isEmpty();
    }

    @Test
    void streamsAWatchFromAVersionOnInOrder() throws Exception {
        // Given
        send("POST", MAPS, map("before", "0"));
        String from =
                json(send("GET", MAPS, "")).at("/metadata/resourceVersion").asText();
        send("POST", MAPS, map("missed", "1"));
        HttpResponse<InputStream> watch = new Caller(server)
                .client()
                .send(
                        Caller.request(server.url(), MAPS + "?watch=true&resourceVersion=" + from, token)
                                .build(),
                        BodyHandlers.ofInputStream());
        // When
        send("PATCH", MAPS + "/missed", "{\"data\":{\"key\":\"2\"}}");
        send("DELETE", MAPS + "/missed", "");
        // Then
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(watch.body(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).contains("\"ADDED\"", "\"missed\"");
            assertThat(lines.readLine()).contains("\"MODIFIED\"", "\"key\":\"2\"");
            assertThat(lines.readLine()).contains("\"DELETED\"");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"watch=true", "watch=True", "watch=1", "watch=", "watch"})
    void takesEverythingButNoForAYes(String query) throws Exception {
        // When
        HttpResponse<InputStream> watch = caller.client()
                .send(
                        Caller.request(server.url(), "/api/v1/pods?" + query, token)
                                .build(),
                        BodyHandlers.ofInputStream());
        // Then
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(watch.body(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).contains("\"ADDED\"", "\"demo\"");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"watch=false", "watch=False", "watch=0", "other=true"})
    void listsWhereAWatchIsNotAskedFor(String query) throws Exception {
        // When
        HttpResponse<String> answer = send("GET", "/api/v1/pods?" + query, "");
        // Then
        assertThat(json(answer).path("kind").asText()).isEqualTo("PodList");
    }

    @Test
    void followsALogUntilItsEnd() throws Exception {
        // Given
        server.logs().addLine("default", "demo", "first");
        var answer = caller.client()
                .sendAsync(
                        Caller.request(server.url(), "/api/v1/namespaces/default/pods/demo/log?follow=true", token)
                                .build(),
                        BodyHandlers.ofString());
        await().until(() -> server.logs().followers("default", "demo") == 1);
        // When
        server.logs().addLine("default", "demo", "second");
        server.logs().end("default", "demo");
        // Then
        assertThat(answer.get().body()).isEqualTo("first\nsecond\n");
    }

    @Test
    void forgetsAWatcherThatWentAway() throws Exception {
        // Given
        HttpResponse<InputStream> log = caller.client()
                .send(
                        Caller.request(server.url(), "/api/v1/namespaces/default/pods/demo/log?follow=true", token)
                                .build(),
                        BodyHandlers.ofInputStream());
        // When
        log.body().close();
        // Then
        await().until(() -> server.logs().followers("default", "demo") == 0);
    }

    @Test
    void compressesABigListOnlyWhenAsked() throws Exception {
        // Given
        server.fillBigList(500_000);
        HttpRequest.Builder request = Caller.request(server.url(), "/api/v1/namespaces/big/configmaps", token);
        String plain = caller.send(request.build()).body();
        // When
        HttpResponse<byte[]> answer =
                caller.client().send(request.header("Accept-Encoding", "gzip").build(), BodyHandlers.ofByteArray());
        // Then
        assertThat(answer.headers().firstValue("Content-Encoding")).hasValue("gzip");
        assertThat(new GZIPInputStream(new ByteArrayInputStream(answer.body())).readAllBytes())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo(plain);
        assertThat(plain.length()).isBetween(400_000, 600_000);
    }

    @ParameterizedTest
    @CsvSource({"GET, 200", "POST, 418"})
    void letsTheBackendAnswerBehindProxy(String method, int status) throws Exception {
        // Given
        server.backend((head, body) -> new Backend.Answer(
                head.method().equals("GET") ? 200 : 418, Map.of("WWW-Authenticate", "Basic"), "mine"));
        // When
        HttpResponse<String> answer = send(
                method, "/api/v1/namespaces/default/services/web/proxy/login?x=1", method.equals("POST") ? "{}" : "");
        // Then
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().firstValue("WWW-Authenticate")).hasValue("Basic");
        assertThat(answer.body()).isEqualTo("mine");
    }

    @Test
    void recordsWhatWasExecutedAndForWhom() throws Exception {
        // When
        caller.send(Caller.request(server.url(), MAPS + "?pretty=1", token)
                .header(ReceivedHead.MARKER, "42")
                .POST(HttpRequest.BodyPublishers.ofString(map("one", "1")))
                .build());
        // Then
        assertThat(server.executed()).singleElement().satisfies(executed -> {
            assertThat(executed.head().method()).isEqualTo("POST");
            assertThat(executed.head().uri()).isEqualTo(MAPS + "?pretty=1");
            assertThat(executed.head().marker()).isEqualTo("42");
            assertThat(executed.user()).isEqualTo("system:serviceaccount:default:default");
            assertThat(executed.tokenId()).isEqualTo(tokenId());
            assertThat(executed.bodyLength()).isEqualTo(map("one", "1").length());
            assertThat(executed.bodySha256()).hasSize(64);
        });
    }

    @Test
    void recordsARefusedRequestAsSeenButNotExecuted() throws Exception {
        // Given
        String bad = server.issue(TokenSpec.unextended().audience("vault"));
        // When
        caller.send(server.url(), "POST", MAPS, bad, map("one", "1"));
        // Then
        server.waitForEventLoops(); // the record is written after the response
        assertThat(server.executed()).isEmpty();
        assertThat(server.requests()).singleElement().satisfies(seen -> {
            assertThat(seen.status()).isEqualTo(401);
            assertThat(seen.cause()).contains("token audiences");
        });
        assertThat(server.replica(0).requestCount()).isEqualTo(1);
    }

    @Test
    void keepsNoTokenInItsRecords() throws Exception {
        // When
        send("GET", "/api", "");
        // Then
        assertThat(server.executed().toString() + server.requests() + server)
                .doesNotContain(token, token.substring(token.lastIndexOf('.')));
    }

    @Test
    void keepsAWatchOpenAfterItsTokenHasExpired() throws Exception {
        // Given
        HttpResponse<InputStream> watch = caller.client()
                .send(Caller.request(server.url(), MAPS + "?watch=true", token).build(), BodyHandlers.ofInputStream());
        server.replica(0).clock().offset(Duration.ofDays(1));
        // When
        ObjectNode object = Json.parse(map("late", "1").getBytes(StandardCharsets.UTF_8), "ConfigMap");
        server.objects().create(ResourceType.CONFIG_MAPS, "default", object);
        // Then
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(watch.body(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).contains("\"late\"");
        }
    }

    @Test
    void aTokenIsIssuedForTheLifetimeThatIsAskedFor() throws Exception {
        HttpResponse<String> answer = send("POST", TOKENS, "{\"spec\":{\"expirationSeconds\":600}}");

        SignedJWT issued =
                SignedJWT.parse(json(answer).path("status").path("token").asText());
        assertThat(answer.statusCode()).isEqualTo(201);
        long issuedAt = issued.getJWTClaimsSet().getDateClaim("iat").toInstant().getEpochSecond();
        assertThat(issued.getJWTClaimsSet().getDateClaim("exp").toInstant())
                .isEqualTo(Instant.ofEpochSecond(issuedAt + 600));
    }

    @Test
    void aTokenOfLessThanTenMinutesIsNotIssued() throws Exception {
        assertThat(send("POST", TOKENS, "{\"spec\":{\"expirationSeconds\":599}}")
                        .statusCode())
                .isEqualTo(422);
    }

    @Test
    void noTokenIsIssuedForAnAccountThatDoesNotExist() throws Exception {
        HttpResponse<String> answer = send("POST", TOKENS.replace("default/token", "other/token"), "{}");

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(json(answer).path("message").asText()).isEqualTo("serviceaccounts \"other\" not found");
    }
}
