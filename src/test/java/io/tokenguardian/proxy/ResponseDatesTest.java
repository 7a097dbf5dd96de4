package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.clock.Sample;
import io.tokenguardian.proxy.ProxySettings.AuthorizationPolicy;
import io.tokenguardian.replica.Answer;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which responses show the guardian a replica's clock. */
class ResponseDatesTest extends ScriptedProxyTest {
    private static final Instant DATE = Instant.parse("1994-11-06T08:49:37Z");
    private static final String HEADER = "\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT";
    private static final Token TOKEN = Tokens.issuedAt(Instant.parse("2026-01-01T00:00:00Z"));

    private void start(String statusAndHeaders) throws IOException {
        // A short timeout, because a request that gets a 401 is held: the 401's Date is long before the token's window.
        start(
                        ScriptedServer.always(statusAndHeaders, ""),
                        draft -> draft.holdTimeout(Duration.ofMillis(50)).nanoTime(() -> 0))
                .using(TOKEN);
    }

    /** Returns the dates that the proxy reports to the guardian for one request. */
    private Queue<Answer> reportedFor(String path, String requestHeaders, String status, String headers)
            throws IOException {
        start(status + headers);
        caller.get(path, requestHeaders).readAnswer();
        return proxy.observer.dates;
    }

    @Test
    void theDateOfAReplicaIsReportedWithAddressAndCertificate() throws IOException {
        start("200 OK" + HEADER);
        caller.get("/api/v1/namespaces/shop/pods", "").readAnswer();

        assertThat(proxy.observer.dates).singleElement().satisfies(heard -> {
            Sample clock = Objects.requireNonNull(heard.clock());
            assertThat(clock.date()).isEqualTo(DATE);
            assertThat(heard.from().address()).isEqualTo(server.address().hostAndPort());
            assertThat(heard.from().certificate()).matches("[0-9a-f]{64}");
            assertThat(clock.receivedAt()).isEqualTo(clock.sentAt());
        });
    }

    @Test
    void aConnectionIsReportedAtMostOnceASecond() throws IOException {
        start("200 OK" + HEADER);
        caller.get("/version", "").readAnswer();

        caller.get("/version", "").readAnswer();

        assertThat(proxy.observer.dates).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/apis/metrics.k8s.io/v1beta1/nodes",
                "/api/v1/namespaces/shop/pods/web/proxy/",
                "/api/v1/namespaces/shop/services/web/proxy",
                "/api/v1/nodes/one/proxy?x",
                "/api/v1/namespaces/shop/pods/web/%70roxy/",
                "/openapi/v3",
                "/version/x"
            })
    void aResponseThatMayBeAnotherServersIsNotReported(String path) throws IOException {
        assertThat(reportedFor(path, "", "200 OK", HEADER)).isEmpty();
    }

    @Test
    void aResponseToAnEncodedQueryIsReported() throws IOException {
        assertThat(reportedFor("/api/v1/pods?labelSelector=a%3Db", "", "200 OK", HEADER))
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"401 Unauthorized", "429 Too Many Requests", "502 Bad Gateway", "503 Service Unavailable"})
    void aResponseThatIsNotAnAcceptanceIsNotReported(String status) throws IOException {
        assertThat(reportedFor("/version", "", status, HEADER)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\r\nDate: yesterday",
                "\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nDate: Sun, 06 Nov 1994 08:49:38 GMT"
            })
    void aResponseWithoutExactlyOneDateIsNotReported(String headers) throws IOException {
        assertThat(reportedFor("/version", "", "200 OK", headers)).isEmpty();
    }

    @Test
    void aFailedUpgradeIsNotReported() throws IOException {
        assertThat(reportedFor(
                        "/api/v1/namespaces/shop/pods/web/exec",
                        "Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\n",
                        "404 Not Found",
                        HEADER))
                .isEmpty();
    }

    @Test
    void aResponseToAnOwnCredentialIsNotReported() throws IOException {
        start(
                        ScriptedServer.always("200 OK" + HEADER, ""),
                        draft -> draft.authorization(AuthorizationPolicy.KEEP).nanoTime(() -> 0))
                .using(TOKEN);
        caller.get("/version", "Authorization: Basic eDp5\r\n").readAnswer();

        assertThat(proxy.observer.dates).isEmpty();
    }
}
