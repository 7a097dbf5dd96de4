package io.tokenguardian.laptop;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.apiserver.ApiServerAddress;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Uses the test cases of Go's {@code httpproxy}. */
class ProxyEnvironmentTest {
    private static final String PROXY = "http://proxy:3128";
    private static final String NO_PROXY = "foobar.com, .barbaz.net, *.wildcard.io, 192.168.1.1,"
            + "10.0.0.0/30, 2001:db8::52:0:1, 2002:db8:a::45/64, 10.1.0.0/33, 10.2.0.0/x, foo/8, ,";

    private static String proxyFor(String host, Map<String, String> environment) {
        ApiServerAddress server = ApiServerAddress.parse("https://" + host + ":80", null);
        return String.valueOf(ProxyEnvironment.proxyFor(server, environment));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "127.0.0.1",
                "[::1]",
                "192.168.1.1",
                "10.0.0.2",
                "[2001:db8::52:0:1]",
                "[2002:db8:a::123]",
                "www.barbaz.net",
                "foobar.com",
                "FooBar.com",
                "www.foobar.com",
                "nested.wildcard.io",
            })
    void anExceptedServerIsReachedDirectly(String host) {
        assertThat(proxyFor(host, Map.of("HTTPS_PROXY", PROXY, "NO_PROXY", NO_PROXY)))
                .isEqualTo("null");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[::2]",
                "192.168.1.2",
                "192.168.1.4",
                "10.0.0.4",
                "10.1.0.1",
                "10.2.0.1",
                "[2002:db8:b::1]",
                "barbaz.net",
                "foofoobar.com",
                "localhost.net",
                "wildcard.io",
                "awildcard.io",
            })
    void anyOtherServerIsReachedThroughTheProxy(String host) {
        assertThat(proxyFor(host, Map.of("HTTPS_PROXY", PROXY, "NO_PROXY", NO_PROXY)))
                .isEqualTo(PROXY);
    }

    @Test
    void aStarExceptsEveryServer() {
        assertThat(proxyFor("api.test", Map.of("HTTPS_PROXY", PROXY, "NO_PROXY", "a, *")))
                .isEqualTo("null");
    }

    @ParameterizedTest
    @CsvSource({"HTTPS_PROXY, NO_PROXY", "https_proxy, no_proxy"})
    void bothVariablesMayBeInLowerCase(String proxy, String noProxy) {
        Map<String, String> environment = Map.of(proxy, PROXY, noProxy, "except.test");

        assertThat(proxyFor("api.test", environment)).isEqualTo(PROXY);
        assertThat(proxyFor("except.test", environment)).isEqualTo("null");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP_PROXY", "ALL_PROXY", "http_proxy"})
    void otherVariablesNameNoProxyForHttps(String variable) {
        assertThat(proxyFor("api.test", Map.of(variable, PROXY, "HTTPS_PROXY", "")))
                .isEqualTo("null");
    }
}
