package io.tokenguardian.laptop;

import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.handler.proxy.Socks5ProxyHandler;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.ProxyHop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A forward proxy that speaks HTTP CONNECT (RFC 9110, section 9.3.6) or SOCKS 5 (RFC 1928). */
public record ForwardProxy(
        Protocol protocol,
        String host,
        int port,
        @Nullable String user,
        @Nullable String password) implements ProxyHop {

    private static final String ALLOWED =
            "allowed is http://HOST:PORT or socks5://HOST:PORT, with USER:PASSWORD@ before"
                    + " HOST if the proxy requires them";

    enum Protocol {
        HTTP(80),
        SOCKS5(1080);

        private final int defaultPort;

        Protocol(int defaultPort) {
            this.defaultPort = defaultPort;
        }
    }

    /** The scheme defaults to {@code http}, as in Go. The exception does not quote the URL: it may hold a password. */
    public static ForwardProxy parse(String url) {
        URI uri;
        try {
            uri = new URI(url.contains("://") ? url : "http://" + url);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("not a URL; " + ALLOWED); // without the cause, which quotes the URL
        }
        Protocol protocol = switch (String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT)) {
            case "http" -> Protocol.HTTP;
            case "socks5", "socks5h" -> Protocol.SOCKS5;
            default -> throw new IllegalArgumentException("neither http nor socks5; " + ALLOWED);
        };
        if (uri.getHost() == null) {
            throw new IllegalArgumentException("no valid host and port; " + ALLOWED);
        }
        String host = ApiServerAddress.withoutBrackets(uri.getHost());
        int port = uri.getPort() == -1 ? protocol.defaultPort : uri.getPort();
        String userInfo = uri.getRawUserInfo();
        if (userInfo == null) {
            return new ForwardProxy(protocol, host, port, null, null);
        }
        int colon = userInfo.indexOf(':');
        return new ForwardProxy(
                protocol,
                host,
                port,
                decoded(colon < 0 ? userInfo : userInfo.substring(0, colon)),
                colon < 0 ? "" : decoded(userInfo.substring(colon + 1)));
    }

    /** Decodes percent-encoding (RFC 3986, section 2.1). */
    private static String decoded(String part) {
        return QueryStringDecoder.decodeComponent(part.replace("+", "%2B"));
    }

    @Override
    public ChannelHandler newHandler(InetAddress address, Duration timeout) {
        InetSocketAddress proxy = new InetSocketAddress(address, port);
        ProxyHandler handler = switch (protocol) {
            case HTTP ->
                user == null || password == null
                        ? new HttpProxyHandler(proxy)
                        : new HttpProxyHandler(proxy, user, password);
            case SOCKS5 -> new Socks5ProxyHandler(proxy, user, password);
        };
        handler.setConnectTimeoutMillis(timeout.toMillis());
        return handler;
    }

    @Override
    public String toString() {
        return "the proxy " + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
