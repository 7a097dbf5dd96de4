package io.tokenguardian.proxy.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import io.tokenguardian.proxy.ProxySettings.AuthorizationPolicy;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The caller's headers that the API server gets. */
class UpstreamRequestTest {

    @ParameterizedTest
    @CsvSource({
        "GET,,true",
        "HEAD,,true",
        "OPTIONS,,true",
        "POST,,false",
        "DELETE,,false",
        "GET,websocket,false",
        "GET,SPDY/3.1,false"
    })
    void aRequestThatMayStartACommandIsNotSafeToRepeat(String method, @Nullable String upgrade, boolean safe) {
        // Given
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.valueOf(method), "/exec");
        request.headers().set("Host", "localhost");
        if (upgrade != null) {
            request.headers().set("Connection", "Upgrade").set("Upgrade", upgrade);
        }

        // When
        UpstreamRequest head =
                UpstreamRequest.of(request, AuthorizationPolicy.REPLACE, AsciiString.of("kubernetes"), false);

        // Then
        assertThat(head.safe()).isEqualTo(safe);
    }

    @ParameterizedTest
    @CsvSource({
        "h2c,",
        "'H2C, h2c-14',",
        "'websocket, h2c',websocket",
        "'h2c,websocket',websocket",
        "'a, h2c, b','a, b'",
    })
    void anUpgradeToH2cIsNotPassedOn(String upgrade, @Nullable String passedOn) {
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/exec");
        request.headers().set("Host", "localhost").set("Connection", "Upgrade").set("Upgrade", upgrade);

        UpstreamRequest head =
                UpstreamRequest.of(request, AuthorizationPolicy.REPLACE, AsciiString.of("kubernetes"), false);

        assertThat(head.upgrade()).isEqualTo(passedOn);
        assertThat(request.headers().get("Upgrade")).isEqualTo(passedOn);
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-Remote-r", "X-Remote-User", "x-remote-extra-abc", "X-Remote-Group", "X-Remote-"})
    void headersThatNameTheUserAreDropped(String name) {
        // Given
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
        request.headers().set("Host", "localhost").set(name, "admin");

        // When
        UpstreamRequest head =
                UpstreamRequest.of(request, AuthorizationPolicy.REPLACE, AsciiString.of("kubernetes"), false);

        // Then
        assertThat(head.request().headers().names()).containsExactly("host");
    }
}
