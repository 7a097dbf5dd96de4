package io.tokenguardian.proxy.caller;

import com.google.re2j.Pattern;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.AsciiString;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.proxy.http.RequestRefusedException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Protects against DNS rebinding: accepts only hosts that match {@code accept-hosts} and, on the in-cluster listener,
 * the hosts in its certificate. Refuses requests that a browser sends on behalf of pages from other sites. As in
 * kubectl proxy, a pattern may match anywhere in the host, which does not include the port. A browser names the page's
 * origin in the header {@code Origin}. If this header is missing, {@code Sec-Fetch-Site} shows whether the page is from
 * another site (W3C, Fetch Metadata Request Headers). Callers other than browsers send neither header.
 */
final class HostRule implements RequestRule {

    private static final AsciiString SEC_FETCH_SITE = AsciiString.cached("sec-fetch-site");

    /** {@code none} means that the user opened the address directly. */
    private static final Set<String> ACCEPTED_SITES = Set.of("same-origin", "same-site", "none");

    private final List<Pattern> accepted;
    private final Set<String> own = new HashSet<>();

    /** Caches the last accepted host. Nearly all requests on a connection name the same host. */
    private volatile @Nullable String known;

    /**
     * @param accepted the patterns of {@code accept-hosts}
     * @param own additional accepted hosts: DNS names and IP addresses, not patterns
     */
    HostRule(List<Pattern> accepted, List<String> own) {
        this.accepted = accepted;
        own.forEach(host -> {
            this.own.add(host);
            // A client omits port 443, and withoutPort then keeps the brackets of an IPv6 address.
            this.own.add("[" + host + "]");
        });
    }

    @Override
    public void check(HttpRequest request) {
        HttpHeaders headers = request.headers();
        String host = headers.get(HttpHeaderNames.HOST, ""); // an HTTP/1.0 caller may omit it and is then refused
        if (!host.equals(known)) {
            if (!matches(host)) {
                throw new RequestRefusedException(ProxyFault.HOST_REFUSED, "accept-hosts does not match it");
            }
            known = host;
        }
        if (headers.contains(HttpHeaderNames.ORIGIN)) {
            if (!headers.getAll(HttpHeaderNames.ORIGIN).stream().allMatch(this::isAcceptedOrigin)) {
                throw new RequestRefusedException(ProxyFault.ORIGIN_REFUSED, "accept-hosts does not match it");
            }
        } else if (headers.contains(SEC_FETCH_SITE) && !ACCEPTED_SITES.containsAll(headers.getAll(SEC_FETCH_SITE))) {
            throw new RequestRefusedException(ProxyFault.ORIGIN_REFUSED, "Sec-Fetch-Site names another site");
        }
    }

    /** An origin is a scheme ({@code http} or {@code https}), a host and an optional port. {@code null} is refused. */
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
        return own.contains(canonical(name))
                || accepted.stream().anyMatch(pattern -> pattern.matcher(name).find());
    }

    /** Converts a name to lower case and removes the final dot that marks it as absolute (RFC 9110, 4.2.3). */
    private static String canonical(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
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

    /**
     * Removes the port as Go's {@code net.SplitHostPort} does, which kubectl proxy uses: {@code [::1]:8001} becomes
     * {@code ::1}, without the brackets. A host that can't be split is returned unchanged.
     */
    private static String withoutPort(String host) {
        int colon = host.lastIndexOf(':');
        if (host.charAt(0) == '[') {
            int end = host.indexOf(']');
            boolean splits = colon > 0 && end + 1 == colon && host.indexOf('[', 1) < 0 && host.indexOf(']', colon) < 0;
            return splits ? host.substring(1, end) : host;
        }
        boolean splits = colon >= 0 && host.indexOf(':') == colon && host.indexOf('[') < 0 && host.indexOf(']') < 0;
        return splits ? host.substring(0, colon) : host;
    }
}
