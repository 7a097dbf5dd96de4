package io.tokenguardian.apiserver;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * The requests that can probe any token, in order of preference. The first returns the bearer's name, but exists only
 * since Kubernetes 1.28. After an unmarked 404, the next is tried (docs/api-server.md, Who am I).
 */
public enum ProbeRequest {
    WHO_AM_I("/apis/authentication.k8s.io/v1/selfsubjectreviews", """
                    {"kind":"SelfSubjectReview","apiVersion":"authentication.k8s.io/v1"}"""),
    MAY_I("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", """
                    {"kind":"SelfSubjectAccessReview","apiVersion":"authorization.k8s.io/v1",\
                    "spec":{"nonResourceAttributes":{"path":"/api","verb":"get"}}}"""),
    WHICH_VERSIONS("/api", "");

    private final String path;
    private final String body;

    ProbeRequest(String path, String body) {
        this.path = path;
        this.body = body;
    }

    /** Returns the request to try after a 404. The last request is followed by the first. */
    ProbeRequest next() {
        return switch (this) {
            case WHO_AM_I -> MAY_I;
            case MAY_I -> WHICH_VERSIONS;
            case WHICH_VERSIONS -> WHO_AM_I;
        };
    }

    public FullHttpRequest request(String host, String userAgent, String bearer) {
        return of(path, body, host, userAgent, bearer);
    }

    /** Returns a GET, or a POST if it has a body (JSON); without a credential if {@code bearer} is null. */
    public static FullHttpRequest of(String path, String body, String host, String userAgent, @Nullable String bearer) {
        FullHttpRequest request = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1, method(body), path, Unpooled.wrappedBuffer(body.getBytes(UTF_8)));
        request.headers()
                .set(HttpHeaderNames.HOST, host)
                .set(HttpHeaderNames.USER_AGENT, userAgent)
                .set(HttpHeaderNames.ACCEPT, HttpHeaderValues.APPLICATION_JSON);
        if (bearer != null) {
            request.headers().set(HttpHeaderNames.AUTHORIZATION, "Bearer " + bearer);
        }
        if (!body.isEmpty()) {
            request.headers()
                    .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
                    .setInt(HttpHeaderNames.CONTENT_LENGTH, request.content().readableBytes());
        }
        return request;
    }

    private static HttpMethod method(String body) {
        return body.isEmpty() ? HttpMethod.GET : HttpMethod.POST;
    }

    @Override
    public String toString() {
        return method(body) + " " + path;
    }
}
