package io.tokenguardian.proxy.caller;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.tokenguardian.proxy.http.RequestRefusedException;
import io.tokenguardian.testing.DefaultSettings;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostRuleTest {

    private static HttpRequest with(String name, String value) {
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/api");
        request.headers().set("Host", "localhost:8001").set(name, value);
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
}
