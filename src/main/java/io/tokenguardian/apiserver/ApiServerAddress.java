package io.tokenguardian.apiserver;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The address of the API server, and the name that its certificate must contain.
 *
 * @param host a DNS name or an IP address; an IPv6 address has no brackets
 * @param serverName the name that the certificate must contain; also sent as SNI, unless it is an IP address (RFC 6066,
 *     section 3)
 * @param proxy null for direct connections
 */
public record ApiServerAddress(
        String host, int port, String serverName, @Nullable ProxyHop proxy) {

    private static final String ALLOWED =
            "allowed is https://HOST or https://HOST:PORT, without user, path and query; an IPv6 address in brackets";
    private static final int HTTPS_PORT = 443;

    /** Excludes names whose last label is a number: some programs read them as IPv4 addresses. */
    private static final Pattern DNS_NAME = Pattern.compile(
            "(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)*(?![0-9]+$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?",
            Pattern.CASE_INSENSITIVE);

    public ApiServerAddress {
        if (!isAddress(host) && !isDnsName(withoutFinalDot(host))) {
            throw new IllegalArgumentException("not a host: " + host + "; allowed is a DNS name or an IP address");
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("not a port: " + port + "; allowed is 1 to 65535");
        }
        if (!isAddress(serverName) && !isDnsName(serverName)) {
            throw new IllegalArgumentException(
                    "not a server name: " + serverName + "; allowed is a DNS name or an IP address");
        }
    }

    public ApiServerAddress(String host, int port, String serverName) {
        this(host, port, serverName, null);
    }

    public ApiServerAddress through(@Nullable ProxyHop proxy) {
        return new ApiServerAddress(host, port, serverName, proxy);
    }

    /**
     * Parses {@code https://HOST[:PORT][/]}. Plain HTTP is rejected: a token must not be sent unencrypted.
     *
     * @param serverName null to use the host of the URL
     * @throws IllegalArgumentException with a one-line message that states what is wrong and what is allowed
     */
    public static ApiServerAddress parse(String url, @Nullable String serverName) {
        URI uri;
        try {
            uri = new URI(url.strip());
        } catch (URISyntaxException e) {
            throw refused(url, "not a URL");
        }
        if (!"https".equalsIgnoreCase(uri.getScheme())) {
            throw refused(url, "not https");
        }
        if (uri.getHost() == null) {
            throw refused(url, "no valid host");
        }
        boolean bare = uri.getRawPath().isEmpty() || uri.getRawPath().equals("/");
        if (!bare || uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw refused(url, "has more than a host and a port");
        }
        String host = withoutBrackets(uri.getHost());
        return new ApiServerAddress(
                host,
                uri.getPort() == -1 ? HTTPS_PORT : uri.getPort(),
                serverName == null ? withoutFinalDot(host) : withoutBrackets(serverName.strip()));
    }

    /** The message does not quote a URL that contains control characters or might contain a password. */
    private static IllegalArgumentException refused(String url, String reason) {
        String quoted = url.contains("@") || url.chars().anyMatch(Character::isISOControl) ? "" : ": " + url;
        return new IllegalArgumentException(reason + quoted + "; " + ALLOWED);
    }

    /** Whether the server name is an IP address. If so, it is verified against IP SANs and not sent as SNI. */
    boolean hasIpServerName() {
        return isAddress(serverName);
    }

    String tcpHost() {
        return proxy == null ? host : proxy.host();
    }

    /**
     * With a proxy, returns the API server's host. If that host is a name, the proxy resolves it.
     *
     * @param target the address of {@link #tcpHost}
     */
    InetSocketAddress tcpDestination(InetAddress target) {
        if (proxy == null) {
            return new InetSocketAddress(target, port);
        }
        InetAddress literal = NetUtil.createInetAddressFromIpAddressString(host);
        return literal == null ? InetSocketAddress.createUnresolved(host, port) : new InetSocketAddress(literal, port);
    }

    /** Returns the address of the other end of the TCP connection, for use in messages. */
    String tcpPeer() {
        return proxy == null ? hostAndPort() : proxy.toString();
    }

    /** Returns {@code host:port}, with brackets around an IPv6 address. */
    public String hostAndPort() {
        return uriHost() + ":" + port;
    }

    /**
     * Returns the value of {@code Host} in requests: the URL's host and port (RFC 9110, section 7.2) in normal form,
     * which omits port 443 (section 4.2.3). Like Go's clients, this does not use the server name.
     */
    public String hostHeader() {
        return port == HTTPS_PORT ? uriHost() : hostAndPort();
    }

    private String uriHost() {
        return host.contains(":") ? "[" + host + "]" : host;
    }

    @Override
    public String toString() {
        return hostAndPort();
    }

    static boolean isAddress(String text) {
        boolean isBare = text.indexOf('%') < 0 && text.indexOf('[') < 0; // an IPv6 address without zone and brackets
        return NetUtil.isValidIpV4Address(text) || (isBare && NetUtil.isValidIpV6Address(text));
    }

    static boolean isDnsName(String text) {
        return DNS_NAME.matcher(text).matches();
    }

    public static String withoutBrackets(String text) {
        return text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
    }

    private static String withoutFinalDot(String text) {
        return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    }
}
