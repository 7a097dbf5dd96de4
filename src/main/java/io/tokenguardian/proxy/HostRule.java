package io.tokenguardian.proxy;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Lets only the names pass that this machine goes by, against DNS rebinding, and no page of another origin in a
 * browser. As with kubectl proxy the patterns are matched anywhere in the host without its port; here also in the
 * host with its port.
 */
final class HostRule implements RequestRule {

    private final List<Pattern> accepted;

    /** The last name that passed: nearly every request of a connection brings the same. */
    private volatile @Nullable String known;

    HostRule(List<Pattern> accepted) {
        this.accepted = accepted;
    }

    @Override
    public void check(HttpRequest request) {
        String host = request.headers().get(HttpHeaderNames.HOST);
        if (host != null && !host.equals(known)) {
            if (!matches(host)) {
                throw new RequestRefusedException(ProxyFault.HOST_REFUSED, "accept-hosts does not match it");
            }
            known = host;
        }
        String origin = request.headers().get(HttpHeaderNames.ORIGIN);
        if (origin != null && !isAcceptedOrigin(origin)) {
            throw new RequestRefusedException(ProxyFault.ORIGIN_REFUSED, "accept-hosts does not match it");
        }
    }

    private boolean isAcceptedOrigin(String origin) {
        String lower = origin.toLowerCase(Locale.ROOT);
        int start = lower.startsWith("http://") ? 7 : lower.startsWith("https://") ? 8 : -1;
        return start > 0 && matches(lower.substring(start));
    }

    private boolean matches(String host) {
        if (!isHostAndPort(host)) {
            return false;
        }
        String name = withoutPort(host);
        for (Pattern pattern : accepted) {
            if (pattern.matcher(name).find() || pattern.matcher(host).find()) {
                return true;
            }
        }
        return false;
    }

    private static boolean isHostAndPort(String host) {
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            if (c <= ' ' || c >= 0x7f || "/?#@\\,\"<>{}|^`".indexOf(c) >= 0) {
                return false;
            }
        }
        return !host.isEmpty();
    }

    private static String withoutPort(String host) {
        int end = host.length();
        while (end > 0 && host.charAt(end - 1) >= '0' && host.charAt(end - 1) <= '9') {
            end--;
        }
        boolean hasPort = end > 0 && end < host.length() && host.charAt(end - 1) == ':';
        return hasPort ? host.substring(0, end - 1) : host;
    }
}
