package io.tokenguardian.laptop;

import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import io.tokenguardian.apiserver.ApiServerAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The proxy in {@code HTTPS_PROXY}, unless {@code NO_PROXY} excludes the server. The rules are the same as in Go's
 * {@code golang.org/x/net/http/httpproxy}, which kubectl uses. Lowercase variable names work too.
 */
final class ProxyEnvironment {
    private ProxyEnvironment() {}

    /** Returns the proxy's URL, which may contain a password; null for a direct connection. */
    static @Nullable String proxyFor(ApiServerAddress server, Map<String, String> environment) {
        String proxy = variable("HTTPS_PROXY", environment);
        return proxy.isEmpty() || isLoopback(server.host()) || isExcepted(server, variable("NO_PROXY", environment))
                ? null
                : proxy;
    }

    private static String variable(String name, Map<String, String> environment) {
        return Stream.of(name, name.toLowerCase(Locale.ROOT))
                .map(each -> environment.getOrDefault(each, ""))
                .filter(value -> !value.isEmpty())
                .findFirst()
                .orElse("");
    }

    private static boolean isLoopback(String host) {
        InetAddress address = address(host);
        return host.equals("localhost") || (address != null && address.isLoopbackAddress());
    }

    private static boolean isExcepted(ApiServerAddress server, String noProxy) {
        return Arrays.stream(noProxy.split(",", -1))
                .map(entry -> entry.strip().toLowerCase(Locale.ROOT))
                .anyMatch(entry -> entry.equals("*") || matches(entry, server));
    }

    /** @param entry an address or a domain, each with or without a port, or a network such as {@code 10.0.0.0/8} */
    private static boolean matches(String entry, ApiServerAddress server) {
        InetAddress address = address(server.host());
        int slash = entry.indexOf('/');
        if (slash >= 0) {
            return address != null && isIn(address, entry.substring(0, slash), entry.substring(slash + 1));
        }
        InetAddress whole = address(entry);
        int colon = whole == null ? entry.lastIndexOf(':') : -1;
        if (colon >= 0 && !entry.substring(colon + 1).equals(Integer.toString(server.port()))) {
            return false;
        }
        String host = colon < 0 ? entry : entry.substring(0, colon);
        InetAddress excepted = address(host);
        return excepted == null
                ? matchesDomain(host, server.host().toLowerCase(Locale.ROOT))
                : excepted.equals(address);
    }

    /**
     * Returns whether a domain matches: {@code a.com} matches {@code a.com} and {@code b.a.com}; {@code .a.com} and
     * {@code *.a.com} match only {@code b.a.com}.
     */
    private static boolean matchesDomain(String domain, String host) {
        String suffix = domain.startsWith("*.") ? domain.substring(1) : domain;
        if (suffix.isEmpty()) {
            return false;
        }
        return suffix.startsWith(".") ? host.endsWith(suffix) : host.equals(suffix) || host.endsWith("." + suffix);
    }

    private static boolean isIn(InetAddress address, String network, String bits) {
        InetAddress base = address(network);
        if (base == null || !bits.matches("[0-9]{1,3}") || base.getClass() != address.getClass()) {
            return false;
        }
        int prefix = Integer.parseInt(bits);
        return prefix <= 8 * base.getAddress().length
                && new IpSubnetFilterRule(base, prefix, IpFilterRuleType.ACCEPT)
                        .matches(new InetSocketAddress(address, 0));
    }

    /** Parses {@code text} as an address; null if it is a host name. */
    private static @Nullable InetAddress address(String text) {
        return NetUtil.createInetAddressFromIpAddressString(text);
    }
}
