package io.tokenguardian.proxy;

import com.google.re2j.Pattern;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The settings {@code guardian.proxy.*}, checked, in the types that the proxy uses. {@link #defaults()} has the
 * contract's defaults.
 *
 * @param listen the TCP address that serves plain HTTP/1.1; null for none; default {@code 127.0.0.1:8001}
 * @param unixSocket the file of a Unix socket that serves it, in addition or instead; default none
 * @param holdTimeout how long one request waits in all for an accepted token; default 3 minutes
 * @param replayLimit bytes of one request's body that are kept until the response's head; default 3 MiB, the API
 *     server's own limit (docs/api-server.md, Bodies and compression)
 * @param replayTotal the same for all requests together; default 16 MiB
 * @param maxHeld how many requests may wait at a time; default 1024
 * @param acceptHosts patterns, one of which must match the {@code Host}; default this machine's own names
 * @param acceptPaths patterns, one of which must match the path; default any path
 * @param rejectPaths patterns, none of which may match the path; default none
 * @param rejectMethods patterns, none of which may match the method; default none
 * @param authorization how to treat a caller's own credential; default {@link AuthorizationPolicy#REPLACE}
 * @param http2 whether HTTP/2 is offered to the API server; default {@link Http2Mode#NEVER}
 * @param leeway the API server's leeway on the token's times; default 60 s
 * @param youngToken the age, on the refusing replica's own clock, below which an unexplained 401 is retried once on a
 *     new connection; default 10 s
 * @param connectTimeout time for the TCP connection to the API server, and again for the TLS handshake; default 10 s
 * @param keepalive when a silent API server is considered gone; default {@link Keepalive#DEFAULT}
 */
public record ProxySettings(
        @Nullable InetSocketAddress listen,
        @Nullable Path unixSocket,
        Duration holdTimeout,
        long replayLimit,
        long replayTotal,
        int maxHeld,
        List<Pattern> acceptHosts,
        List<Pattern> acceptPaths,
        List<Pattern> rejectPaths,
        List<Pattern> rejectMethods,
        AuthorizationPolicy authorization,
        Http2Mode http2,
        Duration leeway,
        Duration youngToken,
        Duration connectTimeout,
        Keepalive keepalive) {

    /** The default of {@code guardian.proxy.accept-hosts}: kubectl proxy's three, and {@code [::1]} with a port. */
    static final String DEFAULT_ACCEPT_HOSTS = "^localhost$,^127\\.0\\.0\\.1$,^\\[::1\\]$,^::1$";

    /** The default of {@code guardian.proxy.accept-paths}: any path, as in kubectl proxy. */
    static final String DEFAULT_ACCEPT_PATHS = "^.*";

    public ProxySettings {
        acceptHosts = List.copyOf(acceptHosts);
        acceptPaths = List.copyOf(acceptPaths);
        rejectPaths = List.copyOf(rejectPaths);
        rejectMethods = List.copyOf(rejectMethods);
    }

    /**
     * The URL at which the pod's containers reach the proxy; null without a TCP listener. For a listener on all
     * addresses it has the loopback address.
     */
    public @Nullable URI uri() {
        if (listen == null) {
            return null;
        }
        InetAddress host =
                listen.getAddress().isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : listen.getAddress();
        return URI.create("http://" + NetUtil.toSocketAddressString(host.getHostAddress(), listen.getPort()));
    }

    public static ProxySettings defaults() {
        return new ProxySettings(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 8001),
                null,
                Duration.ofMinutes(3),
                3 << 20,
                16 << 20,
                1024,
                RulePatterns.parse(DEFAULT_ACCEPT_HOSTS),
                RulePatterns.parse(DEFAULT_ACCEPT_PATHS),
                List.of(),
                List.of(),
                AuthorizationPolicy.REPLACE,
                Http2Mode.NEVER,
                Duration.ofSeconds(60),
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Keepalive.DEFAULT);
    }
}
