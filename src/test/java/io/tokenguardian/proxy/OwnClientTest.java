package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The listener for the guardian's own Kubernetes client. */
class OwnClientTest extends ScriptedProxyTest {

    private static final String CREDENTIAL = "Bearer 0123456789abcdef";

    @BeforeEach
    void start() throws IOException {
        start(ScriptedServer.always("200 OK", "good"), draft -> draft.acceptHosts("api"))
                .using(Tokens.issuedAt(Instant.now()));
    }

    private RawCaller own() throws IOException {
        URI listener = proxy.proxy().listenForOwnClient(CREDENTIAL);
        return new RawCaller(new InetSocketAddress(listener.getHost(), listener.getPort()));
    }

    @Test
    void aRequestWithTheCredentialPassesAndIsNotCounted() throws IOException {
        try (RawCaller own = own()) {
            own.get("/api", "Proxy-Authorization: " + CREDENTIAL + "\r\n");

            assertThat(own.readAnswer()).startsWith("HTTP/1.1 200 ");
            assertThat(server.requests()).singleElement().asString().doesNotContain("0123456789abcdef");
            assertThat(proxy.counters()).isEqualTo(new ProxyCounters().snapshot());
            assertThat(proxy.proxy().counters().responses()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Proxy-Authorization: \r\n",
                "Proxy-Authorization: Bearer 0123456789abcde\r\n",
                "Proxy-Authorization: Bearer 0123456789abcdef0\r\n",
                "Authorization: Bearer 0123456789abcdef\r\n"
            })
    void aRequestWithoutTheCredentialIsRefused(String header) throws IOException {
        try (RawCaller own = own()) {
            assertThat(own.get("/api", header).readAnswer()).startsWith("HTTP/1.1 403 ");
            assertThat(server.requests()).isEmpty();
        }
    }

    @Test
    void theCredentialDoesNotOpenTheCallersListener() throws IOException {
        URI own = proxy.proxy().listenForOwnClient(CREDENTIAL);
        assertThat(own.getPort()).isNotEqualTo(proxy.port());

        caller.get("/api", "Proxy-Authorization: " + CREDENTIAL + "\r\n");

        assertThat(caller.readAnswer()).startsWith("HTTP/1.1 403 ").contains("the host is not accepted");
        assertThat(proxy.counters().refusedByRule()).isEqualTo(1);
    }
}
