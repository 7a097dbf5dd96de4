package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.token.Token;
import java.io.IOException;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class InjectionTest {

    private static final Token TOKEN = Tokens.issuedAt(Instant.parse("2026-01-01T00:00:00Z"));

    private static void answerAll(ScriptedServer.Connection connection) throws IOException {
        while (!connection.readHead().isEmpty()) {
            connection.answer("200 OK\r\nX-Server: yes", "hello");
        }
    }

    @Test
    void aRequestReachesTheServerWithTheTokenInUse() throws IOException {
        // Given
        try (ScriptedServer server = new ScriptedServer(InjectionTest::answerAll);
                RunningProxy proxy = RunningProxy.before(server).using(TOKEN);
                RawCaller caller = proxy.call()) {
            // When
            caller.get("/api/v1/pods?limit=5", "Accept: application/json\r\n");

            // Then
            assertThat(caller.readHead()).isEqualTo("HTTP/1.1 200 OK\r\nX-Server: yes\r\nContent-Length: 5\r\n\r\n");
            assertThat(caller.read(5)).isEqualTo("hello");
            assertThat(server.requests())
                    .singleElement()
                    .satisfies(head -> assertThat(head)
                            .startsWith("GET /api/v1/pods?limit=5 HTTP/1.1\r\n")
                            .containsIgnoringCase(
                                    "host: 127.0.0.1:" + server.address().port() + "\r\n")
                            .containsIgnoringCase("authorization: Bearer " + TOKEN.bearer() + "\r\n")
                            .contains("Accept: application/json\r\n"));
        }
    }

    @Test
    void aConnectionCarriesSeveralRequestsInTurn() throws IOException {
        try (ScriptedServer server = new ScriptedServer(InjectionTest::answerAll);
                RunningProxy proxy = RunningProxy.before(server).using(TOKEN);
                RawCaller caller = proxy.call()) {
            for (int i = 0; i < 5; i++) {
                caller.get("/" + i, "");
                caller.readHead();
                caller.read(5);
            }
            assertThat(server.connections()).isEqualTo(1);
            assertThat(server.requests()).hasSize(5);
        }
    }

    @Test
    void pipelinedRequestsGetResponsesInTheirOrder() throws IOException {
        try (ScriptedServer server = new ScriptedServer(connection -> {
                    for (String head = connection.readHead(); !head.isEmpty(); head = connection.readHead()) {
                        connection.answer("200 OK", head.substring(4, 6));
                    }
                });
                RunningProxy proxy = RunningProxy.before(server).using(TOKEN);
                RawCaller caller = proxy.call()) {
            String request = "GET /%d HTTP/1.1\r\nHost: localhost\r\n\r\n";
            caller.send(request.formatted(1) + request.formatted(2) + request.formatted(3));
            StringBuilder bodies = new StringBuilder();
            for (int i = 0; i < 3; i++) {
                caller.readHead();
                bodies.append(caller.read(2));
            }
            assertThat(bodies.toString()).isEqualTo("/1/2/3");
        }
    }

    @Test
    void aHeldRequestIsSentWhenATokenIsAccepted() throws IOException {
        try (ScriptedServer server = new ScriptedServer(InjectionTest::answerAll);
                RunningProxy proxy = RunningProxy.before(server);
                RawCaller caller = proxy.call()) {
            caller.get("/held", "");
            org.awaitility.Awaitility.await().until(() -> proxy.counters().heldNow() == 1);
            assertThat(server.connections()).isZero();

            proxy.using(TOKEN);

            assertThat(caller.readHead())
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .containsPattern("token-guardian: held=\\d+\\.\\d{3};retries=0\r\n");
            ProxyCounters.Snapshot counters = proxy.counters();
            assertThat(counters).isEqualTo(new ProxyCounters.Snapshot(1, 1, 0, 0, 0, counters.saved()));
            assertThat(counters.saved().all()).isZero();
        }
    }

    @Test
    void aBodyArrivesWhole() throws IOException {
        String body = "x".repeat(300_000);
        try (ScriptedServer server = new ScriptedServer(connection -> {
                    connection.readHead();
                    connection.answer("200 OK", connection.read(body.length()).equals(body) ? "same" : "else");
                });
                RunningProxy proxy = RunningProxy.before(server).using(TOKEN);
                RawCaller caller = proxy.call()) {
            caller.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 300000\r\n\r\n" + body);
            caller.readHead();
            assertThat(caller.read(4)).isEqualTo("same");
        }
    }
}
