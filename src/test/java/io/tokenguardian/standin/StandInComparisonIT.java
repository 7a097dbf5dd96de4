package io.tokenguardian.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenguardian.envtest.Account;
import io.tokenguardian.envtest.Api;
import io.tokenguardian.envtest.ControlPlane;
import io.tokenguardian.testing.GrantedRoles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Sends the same requests to the stand-in and to a real API server, with the same roles and objects, and compares the
 * responses. docs/api-server.md, The stand-in, lists the intended differences.
 */
@Tag("envtest")
class StandInComparisonIT {
    private static final int VERSION = 36;

    /** A placeholder in paths for the core path of the server's test namespace. */
    private static final String CORE = "CORE";

    private static final String MAPS = CORE + "/configmaps";
    private static final String REVIEWS = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    private static final String ACCESS_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    private static final String EVENTS_OF_POD = CORE + "/events?fieldSelector=involvedObject.uid%3Dnone&limit=500";
    private static final String TOKEN = CORE + "/serviceaccounts/app/token";

    private static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
    private static final Pattern ISSUED = Pattern.compile("eyJ[\\w.-]+");

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    /** The senders of requests. */
    private enum Who {
        ADMIN,
        APP,
        ANYONE,
        BAD
    }

    private record Request(
            Who who, String method, String path, @Nullable String type, String body) {
        @Override
        public String toString() {
            return who + " " + method + " " + path + " " + (type == null ? "" : type.replace("application/", "") + " ")
                    + body.substring(0, Math.min(80, body.length()));
        }
    }

    private static Request get(Who who, String path) {
        return new Request(who, "GET", path, null, "");
    }

    private static Request send(Who who, String method, String path, String type, String body) {
        return new Request(who, method, path, type, body);
    }

    private static Request post(Who who, String path, String body) {
        return send(who, "POST", path, Api.JSON, body);
    }

    private static Request put(Who who, String path, String body) {
        return send(who, "PUT", path, Api.JSON, body);
    }

    private static Request merge(Who who, String path, String body) {
        return send(who, "PATCH", path, Api.MERGE_PATCH, body);
    }

    /** Requests a token that is bound to the pod with this name. */
    private static Request bound(String name) {
        return post(
                Who.ADMIN,
                TOKEN,
                "{\"spec\":{\"boundObjectRef\":{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"name\":" + name + "}}");
    }

    static final List<Request> REQUESTS = Stream.of(
                    Stream.of(Who.values())
                            .flatMap(who -> Stream.of(
                                            "/api",
                                            "/apis/batch",
                                            "/healthz",
                                            "/livez",
                                            "/readyz",
                                            "/nowhere",
                                            "/api/v1/nowhere",
                                            "/apis/nowhere",
                                            "/apis/batch/v1/nowhere",
                                            "/apis/batch/v9",
                                            "/openid/v1/jwks",
                                            "/.well-known/openid-configuration",
                                            CORE + "/pods/none",
                                            CORE + "/pods/none/status",
                                            CORE + "/pods/none/log",
                                            CORE + "/pods/none/exec",
                                            EVENTS_OF_POD,
                                            "/api/v1/nodes",
                                            "/api/v1/nodes/none",
                                            "/apis/batch/v1/jobs",
                                            MAPS,
                                            MAPS + "/map",
                                            MAPS + "?watch=true&resourceVersion=x")
                                    .map(path -> get(who, path))),
                    // Does not use the admin, because it would get pods with default values, and a backend that only
                    // the stand-in has everywhere.
                    Stream.of(Who.APP, Who.ANYONE, Who.BAD)
                            .flatMap(who -> Stream.of(
                                            "/api/v1/pods",
                                            CORE,
                                            CORE + "/pods",
                                            CORE + "/pods/app-0/log?follow=true",
                                            CORE + "/services/none/proxy/x")
                                    .map(path -> get(who, path))),
                    Stream.of(Who.ADMIN, Who.APP, Who.ANYONE)
                            .flatMap(who -> Stream.of(
                                    post(who, REVIEWS, "{}"),
                                    post(who, REVIEWS, ""),
                                    get(who, REVIEWS),
                                    post(
                                            who,
                                            ACCESS_REVIEWS,
                                            "{\"spec\":{\"resourceAttributes\":{\"verb\":\"get\",\"resource\":\"pods\",\"namespace\":\"NAMESPACE\"}}}"),
                                    post(who, TOKEN, "{}"),
                                    post(who, "/api", "{}"),
                                    post(who, "/version", "{}"),
                                    post(who, CORE + "/pods/none/exec", ""),
                                    send(who, "PUT", CORE + "/pods/none/exec", Api.JSON, ""),
                                    post(who, MAPS, "{\"metadata\":{\"name\":\"new\"},\"data\":{\"a\":\"b\"}}"),
                                    post(who, MAPS, "{\"metadata\":{\"name\":\"map\"}}"),
                                    post(who, MAPS, "{}"),
                                    post(who, MAPS, "nonsense"),
                                    post(who, MAPS, "[]"),
                                    put(who, MAPS, "{}"),
                                    send(
                                            who,
                                            "PUT",
                                            MAPS + "/map",
                                            Api.JSON,
                                            "{\"metadata\":{\"name\":\"map\"},\"data\":{\"c\":\"d\"}}"),
                                    send(
                                            who,
                                            "PUT",
                                            MAPS + "/map",
                                            Api.JSON,
                                            "{\"metadata\":{\"name\":\"map\",\"resourceVersion\":\"1\"}}"),
                                    send(
                                            who,
                                            "PUT",
                                            MAPS + "/map",
                                            Api.JSON,
                                            "{\"metadata\":{\"name\":\"map\",\"uid\":\"other\"}}"),
                                    send(who, "PUT", MAPS + "/none", Api.JSON, "{\"metadata\":{\"name\":\"none\"}}"),
                                    merge(who, MAPS + "/map", "{\"data\":{\"a\":\"x\"}}"),
                                    send(
                                            who,
                                            "PATCH",
                                            MAPS + "/map",
                                            Api.STRATEGIC_PATCH,
                                            "{\"data\":{\"a\":null,\"c\":\"d\"}}"),
                                    merge(who, MAPS + "/map", "{\"metadata\":{\"uid\":\"other\"}}"),
                                    send(who, "PATCH", MAPS + "/map", Api.JSON, "{}"),
                                    merge(who, MAPS + "/none", "{}"),
                                    send(who, "PATCH", CORE + "/pods/none/status", Api.STRATEGIC_PATCH, "{}"),
                                    post(who, MAPS + "/map", "{}"),
                                    send(who, "DELETE", MAPS + "/map", Api.JSON, ""),
                                    send(who, "DELETE", MAPS + "/none", Api.JSON, ""),
                                    send(who, "DELETE", MAPS, Api.JSON, ""),
                                    send(who, "DELETE", CORE + "/serviceaccounts/default", Api.JSON, ""))),
                    Stream.of(
                            post(Who.ADMIN, CORE + "/serviceaccounts/none/token", "{}"),
                            post(Who.ADMIN, TOKEN, "{\"spec\":{\"expirationSeconds\":599}}"),
                            post(Who.ADMIN, TOKEN, "{\"spec\":{\"expirationSeconds\":600,\"audiences\":[\"vault\"]}}"),
                            post(Who.ADMIN, TOKEN, "{\"spec\":{\"expirationSeconds\":3607}}"),
                            bound("\"app-0\"}, \"expirationSeconds\":3607"),
                            bound("\"app-0\"}"),
                            bound("\"none\"}"),
                            bound("\"app-0\",\"uid\":\"other\"}"),
                            post(
                                    Who.ADMIN,
                                    MAPS,
                                    "{\"metadata\":{\"name\":\"big\"},\"data\":{\"a\":\"" + "x".repeat(3 * 1024 * 1024)
                                            + "\"}}"),
                            get(Who.ADMIN, TOKEN)))
            .flatMap(stream -> stream)
            .toList();

    private final ControlPlane plane = ControlPlane.shared();
    private final Account account = Account.create(plane);

    @AutoClose
    private StandInApiServer standIn;

    private Api standInAdmin;

    @BeforeEach
    void start() throws IOException {
        assumeTrue(plane.minor() >= VERSION, "the stand-in responds as Kubernetes 1." + VERSION + " does");
        standIn = StandInApiServer.builder().anonymous(true).start();
        standIn.authorization(GrantedRoles.of());
        standInAdmin = new Api(
                Certificates.trusting(standIn.caPem(), standIn.client("admin", "system:masters")), standIn.url(), null);
        standIn.issue(spec());
        standIn.objects().create(ResourceType.NAMESPACES, "", named(account.namespace()));
        standIn.objects().create(ResourceType.SERVICE_ACCOUNTS, account.namespace(), named("default"));
        for (Api each : new Api[] {plane.apiServer(0).admin(), standInAdmin}) {
            each.post(account.core() + "/configmaps", "{\"metadata\":{\"name\":\"map\"},\"data\":{\"a\":\"b\"}}")
                    .succeeded();
        }
    }

    private TokenSpec spec() {
        return TokenSpec.unextended().serviceAccount(account.namespace(), "app").pod("app-0");
    }

    private static ObjectNode named(String name) {
        ObjectNode object = Json.object();
        object.withObject("/metadata").put("name", name);
        return object;
    }

    @ParameterizedTest(name = "{0}")
    @FieldSource("REQUESTS")
    void respondsAsTheRealServerDoes(Request request) {
        Api.Response expected =
                send(request, plane.apiServer(0).admin(), plane.apiServer(0).anonymous(), account.token());

        Api.Response response = send(request, standInAdmin, anyone(), standIn.issue(spec()));

        assertThat(text(response)).isEqualTo(text(expected));
    }

    /** Returns a caller of the stand-in without a credential. */
    private Api anyone() {
        return new Api(Certificates.trusting(standIn.caPem()), standIn.url(), null);
    }

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

    /**
     * Both respond with the same 401. The real server names the cause in a TokenReview, the stand-in in its records.
     */
    @ParameterizedTest(name = "{0}")
    @MethodSource("causes")
    void refusesATokenForTheSameCause(String cause, UnaryOperator<TokenSpec> change) {
        String token = plane.files().issue(change.apply(account.spec()));
        Api.Response expected = plane.apiServer(0).with(token).get("/api");

        Api.Response response =
                anyone().with(standIn.issue(change.apply(spec()))).get("/api");

        assertThat(expected.status()).isEqualTo(401);
        assertThat(text(response)).isEqualTo(text(expected));
        assertThat(plane.apiServer(0)
                        .admin()
                        .post("/apis/authentication.k8s.io/v1/tokenreviews", "{\"spec\":{\"token\":\"" + token + "\"}}")
                        .json()
                        .at("/status/error")
                        .asText())
                .contains(cause);
        assertThat(standIn.requests().stream().map(SeenRequest::cause))
                .last()
                .asString()
                .contains(cause);
    }

    private Api.Response send(Request request, Api admin, Api anyone, String token) {
        Api caller = switch (request.who()) {
            case ADMIN -> admin;
            case APP -> anyone.with(token);
            case ANYONE -> anyone;
            case BAD -> anyone.with("bad");
        };
        return caller.send(
                request.method(),
                request.path().replace(CORE, account.core()),
                request.type(),
                request.body().replace("NAMESPACE", account.namespace()));
    }

    /** Returns status, headers and body, without the parts that differ between responses. */
    private static String text(Api.Response response) {
        Map<String, String> headers = new TreeMap<>();
        response.headers()
                .map()
                .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), String.join(", ", values)));
        headers.remove("date");
        headers.remove("content-length");
        headers.computeIfPresent("audit-id", (name, value) -> "an id");
        headers.computeIfPresent("x-kubernetes-pf-flowschema-uid", (name, value) -> "an id");
        headers.computeIfPresent("x-kubernetes-pf-prioritylevel-uid", (name, value) -> "an id");
        return response.status()
                + headers.entrySet().stream().map(header -> "\n" + header).collect(Collectors.joining())
                + "\n\n"
                + body(response.body());
    }

    /** Returns a token's headers and claims, with times in seconds since the token was issued. */
    private static String claims(String token) {
        try {
            String[] parts = token.split("\\.", -1);
            ObjectNode claims = decoded(parts[0]);
            claims.setAll(decoded(parts[1]));
            claims.findParents("node").forEach(parent -> ((ObjectNode) parent).remove("node"));
            long issuedAt = claims.path("iat").asLong();
            for (String name : List.of("exp", "iat", "nbf", "warnafter")) {
                claims.findParents(name)
                        .forEach(parent -> ((ObjectNode) parent)
                                .put(name, parent.path(name).asLong() - issuedAt));
            }
            return JSON.writeValueAsString(JSON.treeToValue(claims, Map.class)).replace('"', '\'');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long hoursUntil(String time) {
        return Math.round(Duration.between(Instant.now(), Instant.parse(time)).toMinutes() / 60.0);
    }

    private static ObjectNode decoded(String part) throws IOException {
        return (ObjectNode) JSON.readTree(Base64.getUrlDecoder().decode(part));
    }

    private static String body(String body) {
        String comparable = TIME.matcher(ISSUED.matcher(body).replaceAll(token -> claims(token.group())))
                .replaceAll(time -> "in " + hoursUntil(time.group()) + " h")
                .replaceAll("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}", "a uid")
                .replaceAll("X509SHA256=\\p{XDigit}+", "X509SHA256=a hash")
                .replaceAll("\"resourceVersion\":\"\\d+\"", "\"resourceVersion\":\"a version\"")
                .replaceAll("json parse error: .* \\(", "json parse error: what is wrong (")
                .replaceAll("https://[\\w.-]+:\\d+", "an address")
                .replaceAll("\"serverAddress\":\"[\\d.:]+\"", "\"serverAddress\":\"an address\"");
        if (!comparable.startsWith("{") || comparable.contains("\"kind\":\"Status\"")) {
            return comparable;
        }
        try {
            // The server writes fields in the order of Go's types. The stand-in keeps the order in which it received
            // them.
            JsonNode object = JSON.readTree(comparable);
            object.findParents("managedFields").forEach(metadata -> ((ObjectNode) metadata).remove("managedFields"));
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(JSON.treeToValue(object, Map.class))
                    + (comparable.endsWith("\n") ? "\nwith an end of line" : "");
        } catch (JsonProcessingException e) {
            return comparable;
        }
    }
}
