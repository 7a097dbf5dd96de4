package io.tokenguardian.crosscheck;

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
 * The proxy that {@code HTTPS_PROXY} names, unless {@code NO_PROXY} excepts the server. The rules are from Go's
 * {@code golang.org/x/net/http/httpproxy}, which kubectl uses. Each variable may be in lower case too.
 */
final class ProxyEnvironment {
    private ProxyEnvironment() {}

    /** The proxy's URL; null for a direct connection. It may hold a password. */
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

    /** @param entry an address, a network such as {@code 10.0.0.0/8}, or a domain; also with a port, without network */
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

    /** {@code a.com} matches itself and {@code b.a.com}; {@code .a.com} and {@code *.a.com} only the latter. */
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

    /** The address that {@code text} is; null if it is a name. */
    private static @Nullable InetAddress address(String text) {
        return NetUtil.createInetAddressFromIpAddressString(text);
    }
}
