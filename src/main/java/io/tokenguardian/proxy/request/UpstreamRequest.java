package io.tokenguardian.proxy.request;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.util.AsciiString;
import io.tokenguardian.proxy.http.HeaderList;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.proxy.http.RequestRefusedException;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The headers of a request to the API server, and facts about the caller's request that are needed later. The caller's
 * headers are changed in place, once. Only {@code Authorization} differs between attempts.
 *
 * @param safe whether the request may be sent twice: its method is GET, HEAD or OPTIONS, and no upgrade is requested. A
 *     GET with an upgrade may start a command ({@code exec})
 * @param keepAlive whether the caller wants to keep its connection after the response
 * @param expectsContinue whether the caller waits for a 100 before it sends the body. The expectation and the 100 are
 *     passed on, so a 401 arrives before the body, and a request with a body of any size can be retried
 * @param upgrade the requested protocols; null for none
 * @param ownCredential whether the caller's own credential is sent, instead of the token in use
 * @param tokenEnded whether the caller has sent an expired token of this pod, which is not passed on
 * @param contentLength the body's length in bytes; 0 for no body, -1 for a chunked body
 */
public record UpstreamRequest(
        HttpRequest request,
        boolean isHead,
        boolean safe,
        boolean keepAlive,
        boolean expectsContinue,
        @Nullable String upgrade,
        boolean ownCredential,
        boolean tokenEnded,
        long contentLength) {

    private static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");
    private static final AsciiString PROXY_CONNECTION = AsciiString.cached("proxy-connection");
    private static final String H2C = "h2c";
    private static final Set<String> BACKEND_SUBRESOURCES = Set.of("proxy", "log", "exec", "attach", "portforward");

    /**
     * Builds the headers for the API server from {@code request}, which has passed the rules.
     *
     * @param authority the API server's name and port
     * @param tokenEnded whether the caller has sent an expired token of this pod
     * @throws RequestRefusedException if the policy refuses the request
     */
    public static UpstreamRequest of(
            HttpRequest request, CredentialPolicy policy, AsciiString authority, boolean tokenEnded) {
        HttpHeaders headers = request.headers();
        boolean keepAlive = HttpUtil.isKeepAlive(request);
        String upgrade = upgrade(request);
        boolean ownCredential = (headers.contains(HttpHeaderNames.AUTHORIZATION)
                        || headers.contains(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL))
                && CallerCredential.isIn(headers);
        if (ownCredential && policy.refuses()) {
            throw new RequestRefusedException(ProxyFault.AUTHORIZATION_REFUSED, "guardian.proxy.authorization=reject");
        }
        if (ownCredential && !policy.passesOn()) {
            CallerCredential.removeFrom(headers);
        }
        boolean expectsContinue = headers.contains(HttpHeaderNames.EXPECT, HttpHeaderValues.CONTINUE, true);
        boolean chunked = headers.contains(HttpHeaderNames.TRANSFER_ENCODING);

        removeHopByHop(headers);
        headers.set(HttpHeaderNames.HOST, authority);
        if (upgrade != null) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
            headers.set(HttpHeaderNames.UPGRADE, upgrade);
        }
        HttpMethod method = request.method();
        return new UpstreamRequest(
                request,
                HttpMethod.HEAD.equals(method),
                upgrade == null && isSafe(method),
                keepAlive,
                expectsContinue,
                upgrade,
                ownCredential && policy.passesOn(),
                tokenEnded && !policy.passesOn(),
                chunked ? -1 : contentLength(headers));
    }

    private static boolean isSafe(HttpMethod method) {
        return HttpMethod.GET.equals(method) || HttpMethod.HEAD.equals(method) || HttpMethod.OPTIONS.equals(method);
    }

    /** Netty's method also counts bodies that the headers do not announce. */
    private static long contentLength(HttpHeaders headers) {
        String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
        return length == null ? 0 : Long.parseLong(length);
    }

    /** The request target without its query, which may contain a secret. */
    String path() {
        String target = request.uri();
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    /**
     * Whether a backend may write the response, with its own 401, and without the API server's mark
     * (docs/api-server.md, Responses of backends). Also true if a resource has the name of one of these subresources.
     * The API server decodes a path before it interprets it, so an encoded path may be any of these paths.
     */
    boolean mayReachBackend() {
        String path = path();
        return path.indexOf('%') >= 0 || Arrays.stream(path.split("/", -1)).anyMatch(BACKEND_SUBRESOURCES::contains);
    }

    /** Whether the replica itself writes the response, with a {@code Date} from its own clock. */
    public boolean isForReplicaItself() {
        String target = request.uri();
        return (target.startsWith("/api/v1/") || target.equals("/version")) && !mayReachBackend();
    }

    /** Whether the headers announce a body of at least {@code bytes} bytes. */
    boolean announces(long bytes) {
        return contentLength < 0 || bytes <= contentLength;
    }

    /**
     * Returns the protocols; null if the caller requests none. Ignores h2c, because Java's client offers it with every
     * request.
     */
    private static @Nullable String upgrade(HttpRequest request) {
        HttpHeaders headers = request.headers();
        String upgrade = headers.get(HttpHeaderNames.UPGRADE);
        if (upgrade == null || !headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)) {
            return null;
        }
        String wanted = Arrays.stream(upgrade.split(",", -1))
                .map(String::strip)
                .filter(protocol -> !protocol.regionMatches(true, 0, H2C, 0, H2C.length()))
                .collect(Collectors.joining(", "));
        return wanted.isEmpty() ? null : wanted;
    }

    private static void removeHopByHop(HttpHeaders headers) {
        if (headers.contains(HttpHeaderNames.CONNECTION)) {
            ConnectionHeader.removeNamed(headers);
        }
        HeaderList.removeIf(headers, UpstreamRequest::isDropped);
    }

    /** Whether a header with this name is for a single hop. */
    private static boolean isDropped(CharSequence name) {
        return switch (name.length()) {
            case 2 -> AsciiString.contentEqualsIgnoreCase(name, HttpHeaderNames.TE);
            case 7 -> AsciiString.contentEqualsIgnoreCase(name, HttpHeaderNames.UPGRADE);
            case 10 ->
                AsciiString.contentEqualsIgnoreCase(name, HttpHeaderNames.CONNECTION)
                        || AsciiString.contentEqualsIgnoreCase(name, KEEP_ALIVE);
            case 16 -> AsciiString.contentEqualsIgnoreCase(name, PROXY_CONNECTION);
            case 19 -> AsciiString.contentEqualsIgnoreCase(name, HttpHeaderNames.PROXY_AUTHORIZATION);
            default -> false;
        };
    }

    /** Leaves out the headers, because they may contain a token. */
    @Override
    public String toString() {
        return "UpstreamRequest[" + request.method() + " " + path() + "]";
    }
}
