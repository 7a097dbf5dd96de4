package io.tokenguardian.laptop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.proxy.ProxyHandler;
import java.net.InetAddress;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForwardProxyTest {

    private static ProxyHandler handler(String url) {
        return (ProxyHandler)
                ForwardProxy.parse(url).newHandler(InetAddress.getLoopbackAddress(), Duration.ofMillis(1234));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "http://p.test:3128 | the proxy p.test:3128 | http",
                "http://p.test/ | the proxy p.test:80 | http",
                "p.test:3128 | the proxy p.test:3128 | http",
                "p.test | the proxy p.test:80 | http",
                "HTTP://[::1]:8080 | the proxy [::1]:8080 | http",
                "socks5://10.0.0.1 | the proxy 10.0.0.1:1080 | socks5",
                "socks5h://p.test:1 | the proxy p.test:1 | socks5",
            })
    void aUrlNamesProtocolHostAndPort(String url, String text, String protocol) {
        assertThat(ForwardProxy.parse(url)).hasToString(text);
        assertThat(handler(url).protocol()).isEqualTo(protocol);
        assertThat(handler(url).connectTimeoutMillis()).isEqualTo(1234);
    }

    @ParameterizedTest
    @CsvSource({
        "http://me:sec%3Aret@p.test, me, sec:ret",
        "http://me@p.test, me, ''",
        "me:a:b@p.test, me, a:b",
        "http://dom%3Ame:a+b@p.test, dom:me, a+b",
    })
    void theUserInTheUrlIsSentToTheProxy(String url, String user, String password) {
        HttpProxyHandler handler = (HttpProxyHandler) handler(url);

        assertThat(handler.username()).isEqualTo(user);
        assertThat(handler.password()).isEqualTo(password);
        assertThat(ForwardProxy.parse(url).toString()).isEqualTo("the proxy p.test:80");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "https://me:sec-ret@p.test | neither http nor socks5; allowed is http://HOST:PORT or socks5://HOST:PORT",
                "socks4://me:sec-ret@p.test | neither http nor socks5",
                "http://me:sec-ret@ | no valid host and port",
                "http://me:sec-ret@a_b:x | no valid host and port",
                "http://me:sec ret@p | not a URL",
                "'' | not a URL",
                "host/a://b | neither http nor socks5",
            })
    void aWrongUrlIsExplainedWithoutItsPassword(String url, String message) {
        assertThatThrownBy(() -> ForwardProxy.parse(url == null ? "" : url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message)
                .message()
                .doesNotContain("sec");
    }
}
