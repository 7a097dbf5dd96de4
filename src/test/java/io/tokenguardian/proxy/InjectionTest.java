package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tokenguardian.token.Token;
import java.io.IOException;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class InjectionTest extends ScriptedProxyTest {

    private static final Token TOKEN = Tokens.issuedAt(Instant.parse("2026-01-01T00:00:00Z"));

    @Test
    void aRequestReachesTheServerWithTheTokenInUse() throws IOException {
        // Given
        start(ScriptedServer.always("200 OK\r\nX-Server: yes", "hello")).using(TOKEN);

        // When
        caller.get("/api/v1/pods?limit=5", "Accept: application/json\r\n");

        // Then
        assertThat(caller.readAnswer()).isEqualTo("HTTP/1.1 200 OK\r\nX-Server: yes\r\nContent-Length: 5\r\n\r\nhello");
        assertThat(server.requests())
                .singleElement()
                .satisfies(head -> assertThat(head)
                        .startsWith("GET /api/v1/pods?limit=5 HTTP/1.1\r\n")
                        .containsIgnoringCase(
                                "host: 127.0.0.1:" + server.address().port() + "\r\n")
                        .containsIgnoringCase("authorization: Bearer " + TOKEN.bearer() + "\r\n")
                        .contains("Accept: application/json\r\n"));
    }

    @Test
    void aHeldRequestIsSentWhenATokenIsAccepted() throws IOException {
        start(ScriptedServer.always("200 OK", "hello"));
        caller.get("/held", "");
        await().until(() -> proxy.counters().heldNow() == 1);
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
