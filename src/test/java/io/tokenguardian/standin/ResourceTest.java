package io.tokenguardian.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a caller with an accepted token can do. */
class ResourceTest {

    private static final String MAPS = "/api/v1/namespaces/default/configmaps";

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

    private static String map(String name, String value) {
        return "{\"metadata\":{\"name\":\"" + name + "\"},\"data\":{\"key\":\"" + value + "\"}}";
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
}
