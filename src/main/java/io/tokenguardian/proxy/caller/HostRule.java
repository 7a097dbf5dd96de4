package io.tokenguardian.proxy.caller;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.AsciiString;
import io.netty.util.NetUtil;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.proxy.http.RequestRefusedException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Protects against DNS rebinding: accepts only the hosts in {@code accept-hosts} and in the in-cluster listener's
 * certificate, each with any port. Refuses requests that a browser sends on behalf of pages from other sites, shown by
 * {@code Origin} or else {@code Sec-Fetch-Site} (W3C, Fetch Metadata Request Headers). Other callers send neither.
 */
final class HostRule implements RequestRule {

    private static final AsciiString SEC_FETCH_SITE = AsciiString.cached("sec-fetch-site");

    /** {@code none} means that the user opened the address directly. */
    private static final Set<String> ACCEPTED_SITES = Set.of("same-origin", "same-site", "none");

    /** A name or an IPv4 address, or an IPv6 address in brackets; then an optional port (RFC 9110, 7.2). */
    private static final Pattern HOST = Pattern.compile("(?:([A-Za-z0-9._-]+)|\\[([0-9A-Fa-f:.]+)])(?::[0-9]*)?");

    private final Set<String> accepted;

    /** Caches the last accepted host. Nearly all requests on a connection name the same host. */
    private volatile @Nullable String known;

    /** @param accepted names and IP addresses, without a port; an IPv6 address may be in brackets */
    HostRule(List<String> accepted) {
        this.accepted = accepted.stream()
                .map(host -> NetUtil.isValidIpV6Address(host) && !host.startsWith("[") ? "[" + host + "]" : host)
                .map(HostRule::canonical)
                .filter(Objects::nonNull)
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public void check(HttpRequest request) {
        HttpHeaders headers = request.headers();
        String host = headers.get(HttpHeaderNames.HOST, "");
        if (!host.equals(known)) {
            if (!isAccepted(host)) {
                throw new RequestRefusedException(ProxyFault.HOST_REFUSED, "accept-hosts does not contain it");
            }
            known = host;
        }
        if (headers.contains(HttpHeaderNames.ORIGIN)) {
            if (!headers.getAll(HttpHeaderNames.ORIGIN).stream().allMatch(this::isAcceptedOrigin)) {
                throw new RequestRefusedException(ProxyFault.ORIGIN_REFUSED, "accept-hosts does not contain it");
            }
        } else if (headers.contains(SEC_FETCH_SITE) && !ACCEPTED_SITES.containsAll(headers.getAll(SEC_FETCH_SITE))) {
            throw new RequestRefusedException(ProxyFault.ORIGIN_REFUSED, "Sec-Fetch-Site names another site");
        }
    }

    /** An origin is a scheme ({@code http} or {@code https}), a host and an optional port. {@code null} is refused. */
    private boolean isAcceptedOrigin(String origin) {
        String lower = origin.toLowerCase(Locale.ROOT);
        int start = lower.startsWith("http://") ? 7 : lower.startsWith("https://") ? 8 : -1;
        return start > 0 && isAccepted(lower.substring(start));
    }

    private boolean isAccepted(String host) {
        String canonical = canonical(host);
        return canonical != null && accepted.contains(canonical);
    }

    /**
     * Returns the host without the port, in lower case, and without the final dot of an absolute name (RFC 9110,
     * 4.2.3); an IPv6 address in its shortest form (RFC 5952). Null if {@code host} can't be parsed.
     */
    private static @Nullable String canonical(String host) {
        Matcher parts = HOST.matcher(host);
        if (!parts.matches()) {
            return null;
        }
        String name = parts.group(1);
        if (name == null) {
            var address = NetUtil.createInetAddressFromIpAddressString(parts.group(2));
            return address == null ? null : NetUtil.toAddressString(address);
        }
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }
}
