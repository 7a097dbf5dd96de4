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
import org.jspecify.annotations.Nullable;

/**
 * The proxy in {@code HTTPS_PROXY}, unless {@code NO_PROXY} excludes the server. The rules are the same as in Go's
 * {@code golang.org/x/net/http/httpproxy}, which kubectl uses, but an entry has no port. Lowercase names work too.
 */
final class ProxyEnvironment {
    private ProxyEnvironment() {}

    /** Returns the proxy's URL, which may contain a password; null for a direct connection. */
    static @Nullable String proxyFor(ApiServerAddress server, Map<String, String> environment) {
        String proxy = variable("HTTPS_PROXY", environment);
        String host = server.host().toLowerCase(Locale.ROOT);
        InetAddress address = NetUtil.createInetAddressFromIpAddressString(host);
        boolean isLocal = address == null ? host.equals("localhost") : address.isLoopbackAddress();
        boolean isExcepted = Arrays.stream(variable("NO_PROXY", environment).split(","))
                .map(entry -> entry.strip().toLowerCase(Locale.ROOT))
                .anyMatch(entry -> address == null ? matchesDomain(entry, host) : matchesAddress(entry, address));
        return proxy.isEmpty() || isLocal || isExcepted ? null : proxy;
    }

    private static String variable(String name, Map<String, String> environment) {
        return environment.getOrDefault(name, environment.getOrDefault(name.toLowerCase(Locale.ROOT), ""));
    }

    /**
     * {@code a.com} matches {@code a.com} and {@code b.a.com}; {@code .a.com} and {@code *.a.com} only {@code b.a.com}.
     */
    private static boolean matchesDomain(String entry, String host) {
        if (entry.isEmpty() || entry.equals("*")) {
            return !entry.isEmpty();
        }
        String domain = entry.startsWith("*.") ? entry.substring(1) : entry;
        return domain.startsWith(".") ? host.endsWith(domain) : host.equals(domain) || host.endsWith("." + domain);
    }

    /** @param entry an address, or a network such as {@code 10.0.0.0/8} */
    private static boolean matchesAddress(String entry, InetAddress address) {
        String[] parts = entry.split("/", 2);
        InetAddress base = NetUtil.createInetAddressFromIpAddressString(parts[0]);
        if (base == null || parts.length == 1) {
            return entry.equals("*") || address.equals(base);
        }
        try {
            return new IpSubnetFilterRule(base, Integer.parseInt(parts[1]), IpFilterRuleType.ACCEPT)
                    .matches(new InetSocketAddress(address, 0));
        } catch (IllegalArgumentException e) { // not a length of a prefix
            return false;
        }
    }
}
