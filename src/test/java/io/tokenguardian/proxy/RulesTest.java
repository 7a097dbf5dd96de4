package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import java.util.List;
import java.util.regex.Pattern;
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

    private static final PathRule PATHS =
            new PathRule(List.of(Pattern.compile("^/api/")), List.of(Pattern.compile("/pods/[^/]*/exec")));

    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/pods", "/api/v1/pods/p/log?x=/pods/p/exec", "/api/v1/p%20q"})
    void aPathThatIsAcceptedAndNotRejectedPasses(String path) {
        PATHS.check(get(path));
        assertThat(PathRule.letsAllPass(List.of(Pattern.compile("^/api/")), List.of()))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/version",
                "/api/v1/namespaces/n/pods/p/exec",
                "/api/v1/namespaces/n/pods/p/%65xec",
                "/api/../version",
                "/api/./v1",
                "/api/..",
                "/api//v1",
                "/api/v1%2fpods",
                "/api/%2E%2e/version",
                "/api/v1%5cpods",
                "/api/%252e",
                "/api/%zz",
                "/api/%4"
            })
    void aPathThatIsNotAcceptedOrIsRejectedOrCanBeReadInTwoWaysIsRefused(String path) {
        assertRefused(PATHS, get(path));
    }

    @Test
    void patternsMatchAnywhereAsKubectlProxysDo() {
        PathRule rule = new PathRule(List.of(Pattern.compile("pods")), List.of());
        rule.check(get("/api/v1/pods/p"));
        assertRefused(rule, get("/api/v1/nodes"));
    }

    @Test
    void aMethodCanBeRejected() {
        MethodRule rule = new MethodRule(List.of(Pattern.compile("^(POST|PUT)$"), Pattern.compile("ET")));
        assertRefused(rule, get("/"));
        new MethodRule(List.of(Pattern.compile("POST"))).check(get("/"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "localhost:8001", "127.0.0.1:1", "127.0.0.1", "[::1]", "[::1]:8001"})
    void thisMachinesNamesPass(String host) {
        HostRule rule = new HostRule(ProxySettings.defaults().acceptHosts());
        rule.check(with("Host", host));
        rule.check(with("Origin", "http://" + host));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost.evil.example",
                "evil.example",
                "127.0.0.1.nip.io",
                "localhost:80:80x",
                "",
                "x@localhost",
                "localhost/"
            })
    void otherNamesDoNot(String host) {
        assertRefused(new HostRule(ProxySettings.defaults().acceptHosts()), with("Host", host));
    }

    @Test
    void aPatternForTheBareNameMatchesWithAnyPortAsKubectlProxysDoes() {
        new HostRule(List.of(Pattern.compile("^my-host$"))).check(with("Host", "my-host:8001"));
    }

    @Test
    void theCallersCredentialIsReplaced() {
        HttpRequest request = with("Authorization", "Bearer mine");
        request.headers()
                .set("Sec-WebSocket-Protocol", "v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.bWluZQ");

        RequestHead head = RequestHead.of(request, AuthorizationPolicy.REPLACE, AUTHORITY);

        assertThat(head.ownCredential()).isFalse();
        assertThat(request.headers().contains("Authorization")).isFalse();
        assertThat(request.headers().get("Sec-WebSocket-Protocol")).isEqualTo("v5.channel.k8s.io");
    }

    @Test
    void theCallersCredentialIsKept() {
        HttpRequest request = with("Authorization", "Bearer mine");
        assertThat(RequestHead.of(request, AuthorizationPolicy.KEEP, AUTHORITY).ownCredential())
                .isTrue();
        assertThat(request.headers().get("Authorization")).isEqualTo("Bearer mine");
    }

    @Test
    void theCallersCredentialIsRejected() {
        for (HttpRequest request : List.of(
                with("Authorization", "Bearer mine"),
                with("Sec-WebSocket-Protocol", "base64url.bearer.authorization.k8s.io.bWluZQ"))) {
            assertThatThrownBy(() -> RequestHead.of(request, AuthorizationPolicy.REJECT, AUTHORITY))
                    .isInstanceOf(RequestRefusedException.class);
        }
    }

    @Test
    void whatBelongsToOneHopOrToAFrontProxyIsDropped() {
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

        RequestHead.of(request, AuthorizationPolicy.REPLACE, AUTHORITY);

        assertThat(request.headers().names()).containsExactlyInAnyOrder("host", "Impersonate-User", "Accept-Encoding");
        assertThat(request.headers().get("Host")).isEqualTo("api:6443");
    }

    @Test
    void anUpgradeKeepsItsHeaders() {
        HttpRequest request = with("Connection", "Upgrade");
        request.headers().set("Upgrade", "SPDY/3.1");
        assertThat(RequestHead.of(request, AuthorizationPolicy.REPLACE, AUTHORITY)
                        .upgrade())
                .isEqualTo("SPDY/3.1");
        assertThat(request.headers().get("Connection")).isEqualToIgnoringCase("upgrade");
    }
}
