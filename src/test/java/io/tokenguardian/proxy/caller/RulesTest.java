package io.tokenguardian.proxy.caller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import io.tokenguardian.proxy.ProxySettings.AuthorizationPolicy;
import io.tokenguardian.proxy.http.RequestRefusedException;
import io.tokenguardian.proxy.request.UpstreamRequest;
import io.tokenguardian.testing.DefaultSettings;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RulesTest {

    private static final AsciiString AUTHORITY = new AsciiString("api:6443");

    private static HttpRequest get(String target) {
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, target);
        request.headers().set("Host", "localhost:8001");
        return request;
    }

    private static HttpRequest with(String name, String value) {
        HttpRequest request = get("/api");
        request.headers().set(name, value);
        return request;
    }

    private static void assertRefused(RequestRule rule, HttpRequest request) {
        assertThatThrownBy(() -> rule.check(request)).isInstanceOf(RequestRefusedException.class);
    }

    private static final HostRule LOCAL = new HostRule(DefaultSettings.proxy().acceptHosts());

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "localhost:8001",
                "localhost:",
                "LocalHost:8001",
                "localhost.:8001",
                "127.0.0.1",
                "127.0.0.1:1",
                "[::1]",
                "[::1]:8001",
                "[0:0:0:0:0:0:0:1]:8001"
            })
    void thisMachinesNamesPass(String host) {
        LOCAL.check(with("Host", host));
        LOCAL.check(with("Origin", "http://" + host));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost.evil.example",
                "xlocalhost",
                "localhostx",
                "localhost..",
                "evil.example",
                "evil.example:8001",
                "127.0.0.1.nip.io",
                "127.0.0.10",
                "127a0b0c1",
                "localhost:80:80",
                "localhost:80x",
                "[localhost]",
                "localhost]",
                "::1",
                "[::1",
                "[::1]]:1",
                "[::1]8001",
                "[::11]",
                "[]",
                "",
                ".",
                ":8001",
                "x@localhost",
                "localhost/",
                "localhost ",
                "\u212aocalhost"
            })
    void otherNamesDoNotPass(String host) {
        assertRefused(LOCAL, with("Host", host));
    }

    @Test
    void aListReplacesTheDefaultHosts() {
        HostRule rule = new HostRule(List.of("Guardian.example.", "[FD00:0::1]"));

        rule.check(with("Host", "guardian.example:8001"));
        rule.check(with("Host", "[fd00::1]:8001"));
        assertRefused(rule, with("Host", "localhost"));
        assertRefused(rule, with("Host", "guardian.example.evil"));
    }

    @Test
    void aRequestWithoutAHostIsRefused() {
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_0, HttpMethod.GET, "/api");

        assertRefused(LOCAL, request);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "",
                "http://evil.example",
                "http://localhost.evil.example:8001",
                "http://evil.example@localhost",
                "http://localhost/",
                "http://localhost, http://evil.example",
                "http://",
                "localhost",
                "file://localhost",
                "ws://localhost",
                "vscode-webview://localhost"
            })
    void aPageOfAnotherOriginIsRefused(String origin) {
        assertRefused(LOCAL, with("Origin", origin));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://localhost:3000", "https://127.0.0.1", "http://[::1]:8001", "HTTP://LocalHost"})
    void aPageOfThisMachinePasses(String origin) {
        LOCAL.check(with("Origin", origin));
    }

    @Test
    void everyOriginOfARequestHasToPass() {
        HttpRequest request = with("Origin", "http://localhost");
        request.headers().add("Origin", "http://evil.example");

        assertRefused(LOCAL, request);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cross-site", "cross-origin", "CROSS-SITE", "", "none, cross-site"})
    void aRequestFromAnotherSiteWithoutAnOriginIsRefused(String site) {
        assertRefused(LOCAL, with("Sec-Fetch-Site", site));
    }

    @Test
    void aLinkOfAnotherSiteIsRefused() {
        HttpRequest request = with("Sec-Fetch-Site", "cross-site");
        request.headers().set("Sec-Fetch-Mode", "navigate").set("Sec-Fetch-Dest", "document");

        assertRefused(LOCAL, request);
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "same-origin", "same-site"})
    void aRequestFromTheUserOrThisSitePasses(String site) {
        LOCAL.check(with("Sec-Fetch-Site", site));
    }

    @Test
    void everyFetchSiteOfARequestHasToPass() {
        HttpRequest request = with("Sec-Fetch-Site", "none");
        request.headers().add("Sec-Fetch-Site", "cross-site");

        assertRefused(LOCAL, request);
    }

    @Test
    void anAcceptedOriginMayBeOfAnotherSite() {
        HttpRequest request = with("Origin", "http://localhost:3000");
        request.headers().set("Host", "127.0.0.1:8001").set("Sec-Fetch-Site", "cross-site");

        LOCAL.check(request);
    }

    @Test
    void theCallersCredentialIsReplaced() {
        HttpRequest request = with("Authorization", "Bearer mine");
        request.headers()
                .set("Sec-WebSocket-Protocol", "v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.bWluZQ");

        UpstreamRequest head = UpstreamRequest.of(request, AuthorizationPolicy.REPLACE, AUTHORITY, false);

        assertThat(head.ownCredential()).isFalse();
        assertThat(request.headers().contains("Authorization")).isFalse();
        assertThat(request.headers().get("Sec-WebSocket-Protocol")).isEqualTo("v5.channel.k8s.io");
    }

    /** The credential in a subprotocol follows the API server's prefix, which must be at the beginning. */
    @Test
    void aSubprotocolWithThePrefixInTheMiddleIsNotACredential() {
        HttpRequest request =
                with("Sec-WebSocket-Protocol", "v5.channel.k8s.io, x.base64url.bearer.authorization.k8s.io.bWluZQ");

        UpstreamRequest head = UpstreamRequest.of(request, AuthorizationPolicy.REJECT, AUTHORITY, false);

        assertThat(head.ownCredential()).isFalse();
    }

    @Test
    void theCallersCredentialIsKept() {
        HttpRequest request = with("Authorization", "Bearer mine");
        assertThat(UpstreamRequest.of(request, AuthorizationPolicy.KEEP, AUTHORITY, false)
                        .ownCredential())
                .isTrue();
        assertThat(request.headers().get("Authorization")).isEqualTo("Bearer mine");
    }

    @Test
    void theCallersCredentialIsRejected() {
        for (HttpRequest request : List.of(
                with("Authorization", "Bearer mine"),
                with("Sec-WebSocket-Protocol", "base64url.bearer.authorization.k8s.io.bWluZQ"))) {
            assertThatThrownBy(() -> UpstreamRequest.of(request, AuthorizationPolicy.REJECT, AUTHORITY, false))
                    .isInstanceOf(RequestRefusedException.class);
        }
    }

    @Test
    void hopByHopAndFrontProxyHeadersAreDropped() {
        HttpRequest request = get("/api");
        request.headers()
                .set("Connection", "keep-alive, X-Named")
                .set("Keep-Alive", "timeout=5")
                .set("X-Named", "1")
                .set("TE", "trailers")
                .set("Proxy-Authorization", "Basic eA==")
                .set("X-Remote-User", "admin")
                .set("x-remote-extra-scopes", "all")
                .set("Upgrade", "h2c")
                .set("Impersonate-User", "jane")
                .set("Accept-Encoding", "gzip");

        UpstreamRequest.of(request, AuthorizationPolicy.REPLACE, AUTHORITY, false);

        assertThat(request.headers().names()).containsExactlyInAnyOrder("host", "Impersonate-User", "Accept-Encoding");
        assertThat(request.headers().get("Host")).isEqualTo("api:6443");
    }

    @Test
    void anUpgradeKeepsItsHeaders() {
        HttpRequest request = with("Connection", "Upgrade");
        request.headers().set("Upgrade", "SPDY/3.1");
        assertThat(UpstreamRequest.of(request, AuthorizationPolicy.REPLACE, AUTHORITY, false)
                        .upgrade())
                .isEqualTo("SPDY/3.1");
        assertThat(request.headers().get("Connection")).isEqualToIgnoringCase("upgrade");
    }
}
