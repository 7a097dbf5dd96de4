package io.tokenguardian.envtest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenguardian.HangDetector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A caller of one API server, or of the program's proxy in front of it. */
public final class Api {
    public static final String JSON = "application/json";
    public static final String MERGE_PATCH = "application/merge-patch+json";
    public static final String STRATEGIC_PATCH = "application/strategic-merge-patch+json";

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final AtomicInteger NAMESPACES = new AtomicInteger();

    /** A complete response. */
    public record Response(int status, HttpHeaders headers, String body) {
        public JsonNode json() {
            try {
                return MAPPER.readTree(body);
            } catch (JsonProcessingException e) {
                throw new AssertionError("no JSON: " + body, e);
            }
        }

        /** The server's time, in whole seconds. */
        Instant date() {
            String date = headers.firstValue("Date").orElseThrow();
            return ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
        }

        /** Returns this response. Fails the test if the status is not a success. */
        public Response succeeded() {
            assertThat(status).as(body).isBetween(200, 299);
            return this;
        }
    }

    private final HttpClient http;
    private final URI url;
    private final @Nullable String token;

    public Api(SSLContext tls, URI url, @Nullable String token) {
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(tls)
                .build();
        this.url = url;
        this.token = token;
    }

    /** Makes a caller of the proxy without a credential. */
    Api(URI proxy) {
        this.http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        this.url = proxy;
        this.token = null;
    }

    private Api(HttpClient http, URI url, String token) {
        this.http = http;
        this.url = url;
        this.token = token;
    }

    /** Returns a caller with another bearer token, which shares the connections of this caller. */
    public Api with(String otherToken) {
        return new Api(http, url, otherToken);
    }

    public Response get(String path) {
        return send("GET", path, null, "");
    }

    public Response post(String path, String body) {
        return send("POST", path, JSON, body);
    }

    public Response put(String path, String body) {
        return send("PUT", path, JSON, body);
    }

    public Response patch(String path, String type, String body) {
        return send("PATCH", path, type, body);
    }

    public Response delete(String path) {
        return send("DELETE", path, null, "");
    }

    public Response send(String method, String path, @Nullable String type, String body) {
        try {
            HttpResponse<String> response =
                    http.send(request(method, path, type, body).build(), HttpResponse.BodyHandlers.ofString());
            return new Response(response.statusCode(), response.headers(), response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    HttpRequest.Builder request(String method, String path, @Nullable String type, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(url.resolve(path))
                .timeout(HangDetector.TIMEOUT)
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        if (type != null) {
            request.header("Content-Type", type);
        }
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return request;
    }

    HttpClient http() {
        return http;
    }

    boolean isReady() {
        try {
            return get("/readyz").status() == 200;
        } catch (UncheckedIOException e) {
            return false; // not listening yet
        }
    }

    /** Creates a namespace with the service accounts {@code default} and {@code app}, and returns its name. */
    public String namespace() {
        return namespace(MAPPER.createObjectNode());
    }

    /** Like {@link #namespace()}, with the labels and annotations of {@code metadata}. */
    public String namespace(ObjectNode metadata) {
        String name = "test-" + NAMESPACES.incrementAndGet();
        post("/api/v1/namespaces", "{\"metadata\":" + metadata.deepCopy().put("name", name) + "}")
                .succeeded();
        for (String account : new String[] {"default", "app"}) {
            post("/api/v1/namespaces/" + name + "/serviceaccounts", "{\"metadata\":{\"name\":\"" + account + "\"}}")
                    .succeeded();
        }
        return name;
    }

    /** Returns the uid of the object at {@code path}. */
    public String uid(String path) {
        return get(path).succeeded().json().path("metadata").path("uid").asText();
    }
}
