package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import io.tokenguardian.proxy.ProxySettings.AuthorizationPolicy;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which of a caller's headers the API server gets. */
class UpstreamRequestTest {

    @ParameterizedTest
    @ValueSource(strings = {"X-Remote-r", "X-Remote-User", "x-remote-extra-abc", "X-Remote-Group", "X-Remote-"})
    void whoIsAskingIsNotForTheCallerToSay(String name) {
        // Given
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
        request.headers().set("Host", "localhost").set(name, "admin");

        // When
        UpstreamRequest head = UpstreamRequest.of(request, AuthorizationPolicy.REPLACE, AsciiString.of("kubernetes"));

        // Then
        assertThat(head.request().headers().names()).containsExactly("host");
    }
}
