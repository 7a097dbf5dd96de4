package io.tokenguardian.proxy.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import io.tokenguardian.proxy.ProxySettings.AuthorizationPolicy;
import io.tokenguardian.proxy.http.RequestRefusedException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The caller's headers that the API server gets. */
class UpstreamRequestTest {

    private static final String BEARER = "base64url.bearer.authorization.k8s.io.bWluZQ";

    private final HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/exec");
    private final HttpHeaders headers = request.headers().set("Host", "localhost");

    private UpstreamRequest head(AuthorizationPolicy policy) {
        return UpstreamRequest.of(request, policy, AsciiString.of("api:6443"), false);
    }

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
        request.setMethod(HttpMethod.valueOf(method));
        if (upgrade != null) {
            headers.set("Connection", "Upgrade").set("Upgrade", upgrade);
        }

        // When
        UpstreamRequest head = head(AuthorizationPolicy.REPLACE);

        // Then
        assertThat(head.safe()).isEqualTo(safe);
    }

    @Test
    void hopByHopHeadersAreDropped() {
        headers.set("Connection", "keep-alive, X-Named")
                .set("Keep-Alive", "timeout=5")
                .set("X-Named", "1")
                .set("TE", "trailers")
                .set("Proxy-Authorization", "Basic eA==")
                .set("Upgrade", "h2c")
                .set("Impersonate-User", "jane")
                .set("Accept-Encoding", "gzip");

        head(AuthorizationPolicy.REPLACE);

        assertThat(headers.names()).containsExactlyInAnyOrder("host", "Impersonate-User", "Accept-Encoding");
        assertThat(headers.get("Host")).isEqualTo("api:6443");
    }

    @Test
    void theCallersCredentialIsReplaced() {
        headers.set("Authorization", "Bearer mine").set("Sec-WebSocket-Protocol", "v5.channel.k8s.io, " + BEARER);

        UpstreamRequest head = head(AuthorizationPolicy.REPLACE);

        assertThat(head.ownCredential()).isFalse();
        assertThat(headers.contains("Authorization")).isFalse();
        assertThat(headers.get("Sec-WebSocket-Protocol")).isEqualTo("v5.channel.k8s.io");
    }

    /** The credential in a subprotocol follows the API server's prefix, which must be at the beginning. */
    @Test
    void aSubprotocolWithThePrefixInTheMiddleIsNotACredential() {
        headers.set("Sec-WebSocket-Protocol", "v5.channel.k8s.io, x." + BEARER);
        assertThat(head(AuthorizationPolicy.REJECT).ownCredential()).isFalse();
    }

    @Test
    void theCallersCredentialIsKept() {
        headers.set("Authorization", "Bearer mine");
        assertThat(head(AuthorizationPolicy.KEEP).ownCredential()).isTrue();
        assertThat(headers.get("Authorization")).isEqualTo("Bearer mine");
    }

    @ParameterizedTest
    @CsvSource({"Authorization, Bearer mine", "Sec-WebSocket-Protocol, " + BEARER})
    void theCallersCredentialIsRejected(String name, String value) {
        headers.set(name, value);
        assertThatThrownBy(() -> head(AuthorizationPolicy.REJECT)).isInstanceOf(RequestRefusedException.class);
    }
}
