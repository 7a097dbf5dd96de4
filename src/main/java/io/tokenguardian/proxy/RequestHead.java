package io.tokenguardian.proxy;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A caller's request head made into the one that the API server gets, and what had to be remembered of the first.
 * The headers are changed in place, once; only {@code Authorization} changes from one sending to the next.
 *
 * @param request what goes out
 * @param isHead whether the answer has no body
 * @param safe whether sending it twice has the effect of sending it once and the method says so: GET, HEAD, OPTIONS
 * @param keepAlive whether the caller wants to go on after the answer
 * @param callerMinorVersion the caller's HTTP/1 minor version
 * @param expectsContinue whether the caller waits for a 100 before it sends the body: that goes through in both
 *     directions, so that a 401 comes before the body and any body can be replayed
 * @param upgrade the protocol asked for; null for none
 * @param ownCredential whether the caller's own credential goes out, and not the guardian's
 * @param contentLength the body's length; 0 for no body, -1 for chunks
 */
record RequestHead(
        HttpRequest request,
        boolean isHead,
        boolean safe,
        boolean keepAlive,
        int callerMinorVersion,
        boolean expectsContinue,
        @Nullable String upgrade,
        boolean ownCredential,
        long contentLength) {

    private static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");
    private static final AsciiString PROXY_CONNECTION = AsciiString.cached("proxy-connection");
    private static final AsciiString HTTP2_SETTINGS = AsciiString.cached("http2-settings");
    private static final String X_REMOTE = "x-remote-";

    /**
     * Makes the API server's head of {@code request}, which has passed the rules.
     *
     * @param authority the API server's name and port
     * @throws RequestRefusedException if the policy, or a {@code Connection} that names what must stay, refuses it
     */
    static RequestHead of(HttpRequest request, AuthorizationPolicy policy, AsciiString authority) {
        HttpHeaders headers = request.headers();
        boolean keepAlive = HttpUtil.isKeepAlive(request);
        String upgrade = upgrade(request);
        boolean ownCredential = CallerCredential.isIn(headers);
        if (ownCredential && policy == AuthorizationPolicy.REJECT) {
            throw new RequestRefusedException(ProxyFault.AUTHORIZATION_REFUSED, "the policy is reject");
        }
        if (ownCredential && policy == AuthorizationPolicy.REPLACE) {
            CallerCredential.removeFrom(headers);
        }
        int minorVersion = request.protocolVersion().minorVersion();
        if (minorVersion == 0) {
            headers.remove(HttpHeaderNames.EXPECT); // an old caller's is to be ignored (RFC 9110, section 10.1.1)
        }
        boolean expectsContinue = headers.contains(HttpHeaderNames.EXPECT, HttpHeaderValues.CONTINUE, true);
        boolean chunked = headers.contains(HttpHeaderNames.TRANSFER_ENCODING);

        removeHopByHop(headers);
        headers.set(HttpHeaderNames.HOST, authority);
        if (upgrade != null) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
            headers.set(HttpHeaderNames.UPGRADE, upgrade);
        }
        request.setProtocolVersion(HttpVersion.HTTP_1_1);
        HttpMethod method = request.method();
        return new RequestHead(
                request,
                HttpMethod.HEAD.equals(method),
                HttpMethod.GET.equals(method) || HttpMethod.HEAD.equals(method) || HttpMethod.OPTIONS.equals(method),
                keepAlive,
                minorVersion,
                expectsContinue,
                upgrade,
                ownCredential && policy == AuthorizationPolicy.KEEP,
                chunked ? -1 : contentLength(headers));
    }

    /** What the head says, and nothing else: Netty's own method knows of bodies that no head announces. */
    private static long contentLength(HttpHeaders headers) {
        String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
        return length == null ? 0 : Long.parseLong(length);
    }

    /** The target without its query, which may hold a secret. */
    String path() {
        String target = request.uri();
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    /** Whether the head announces a body of so many bytes, or more. */
    boolean announces(long bytes) {
        return contentLength < 0 || bytes <= contentLength;
    }

    /**
     * The {@code Upgrade} if the caller asks for one; not h2c, which Java's client offers with every request, and none in HTTP/1.0
     * (RFC 9110, section 7.8).
     */
    private static @Nullable String upgrade(HttpRequest request) {
        HttpHeaders headers = request.headers();
        String upgrade = headers.get(HttpHeaderNames.UPGRADE);
        if (upgrade == null
                || request.protocolVersion().minorVersion() == 0
                || upgrade.regionMatches(true, 0, "h2c", 0, 3)
                || !headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)) {
            return null;
        }
        return upgrade;
    }

    private static void removeHopByHop(HttpHeaders headers) {
        List<String> named = connectionNames(headers);
        List<CharSequence> dropped = null;
        Iterator<Map.Entry<CharSequence, CharSequence>> entries = headers.iteratorCharSequence();
        while (entries.hasNext()) {
            CharSequence name = entries.next().getKey();
            if (isDropped(name)) {
                dropped = dropped == null ? new ArrayList<>(4) : dropped;
                dropped.add(name);
            }
        }
        if (dropped != null) {
            dropped.forEach(headers::remove);
        }
        named.forEach(headers::remove);
    }

    /** Whether a header of this name belongs to one hop, or to a front proxy. */
    static boolean isDropped(CharSequence name) {
        return switch (name.length()) {
            case 2 -> AsciiString.contentEqualsIgnoreCase(name, HttpHeaderNames.TE);
            case 7 -> AsciiString.contentEqualsIgnoreCase(name, HttpHeaderNames.UPGRADE);
            case 10 ->
                AsciiString.contentEqualsIgnoreCase(name, HttpHeaderNames.CONNECTION)
                        || AsciiString.contentEqualsIgnoreCase(name, KEEP_ALIVE)
                        || isRemote(name);
            case 14 -> AsciiString.contentEqualsIgnoreCase(name, HTTP2_SETTINGS) || isRemote(name);
            case 16 -> AsciiString.contentEqualsIgnoreCase(name, PROXY_CONNECTION) || isRemote(name);
            case 19 -> AsciiString.contentEqualsIgnoreCase(name, HttpHeaderNames.PROXY_AUTHORIZATION) || isRemote(name);
            default -> isRemote(name);
        };
    }

    /** {@code X-Remote-User} and its kin, which an API server may take from a front proxy as who is asking. */
    private static boolean isRemote(CharSequence name) {
        return name.length() >= X_REMOTE.length()
                && AsciiString.regionMatches(name, true, 0, X_REMOTE, 0, X_REMOTE.length());
    }

    private static List<String> connectionNames(HttpHeaders headers) {
        List<String> values = headers.getAll(HttpHeaderNames.CONNECTION);
        List<String> names = new ArrayList<>(0);
        for (String value : values) {
            if (value.equalsIgnoreCase("keep-alive") || value.equalsIgnoreCase("close")) {
                continue;
            }
            for (String part : value.split(",", -1)) {
                String name = part.strip().toLowerCase(Locale.ROOT);
                switch (name) {
                    case "", "close", "keep-alive", "upgrade" -> {}
                    case "host", "content-length", "transfer-encoding", "authorization" ->
                        throw new RequestRefusedException(
                                ProxyFault.MALFORMED, "Connection names a header that has to stay");
                    default -> names.add(name);
                }
            }
        }
        return names;
    }
}
