package io.tokenguardian.proxy;

import io.netty.util.NetUtil;
import io.tokenguardian.proxy.request.CredentialPolicy;
import io.tokenguardian.proxy.request.RequestContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The settings {@code guardian.proxy.*} and {@code guardian.in-cluster.*}, checked and converted to the types that the
 * proxy uses.
 *
 * @param listen the TCP address that serves plain HTTP/1.1; null for none
 * @param unixSocket the path of a Unix socket that serves plain HTTP/1.1; null for none
 * @param inCluster the TLS listener for in-cluster clients; null for none
 * @param replayLimit the default is the API server's own limit (docs/api-server.md, Bodies and compression)
 * @param acceptHosts the names and IP addresses to accept as {@code Host}
 */
public record ProxySettings(
        @Nullable InetSocketAddress listen,
        @Nullable Path unixSocket,
        @Nullable InCluster inCluster,
        Duration holdTimeout,
        long replayLimit,
        List<String> acceptHosts,
        AuthorizationPolicy authorization,
        Duration leeway,
        Duration connectTimeout,
        boolean passThrough) {

    /**
     * The time limit for the TCP connection to the API server and, separately, for the TLS handshake: as long as a
     * request may wait for a slow server. A handshake that is given up earlier is begun again, behind all others.
     */
    public static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(40);

    /** How many bytes of all request bodies together are kept for retries. */
    public static final long REPLAY_TOTAL = RequestContext.REPLAY_TOTAL;

    /** How long, while the guardian is off, a request waits for the token file to be read for the first time. */
    private static final Duration FIRST_READING = Duration.ofSeconds(1);

    /**
     * The TLS listener that takes the API server's place for in-cluster clients.
     *
     * @param directory where its certificate authority is kept
     */
    public record InCluster(InetSocketAddress listen, Path directory) {}

    /** How to handle a caller's own credential, in {@code Authorization} or in a WebSocket's bearer subprotocol. */
    public enum AuthorizationPolicy implements CredentialPolicy {
        /** The token in use replaces the caller's credential. */
        REPLACE,

        /** The credential is passed on unchanged. The proxy neither holds the request nor retries it after a 401. */
        KEEP,

        /** The request is refused with 403. */
        REJECT;

        @Override
        public boolean refuses() {
            return this == REJECT;
        }

        @Override
        public boolean passesOn() {
            return this == KEEP;
        }
    }

    /** A copy for use while the guardian is off: no request waits for a token's acceptance, and no 401 is retried. */
    public ProxySettings passingThrough() {
        return new ProxySettings(
                listen,
                unixSocket,
                inCluster,
                FIRST_READING,
                replayLimit,
                acceptHosts,
                authorization,
                leeway,
                connectTimeout,
                true);
    }

    /** If no listener is set, the proxy is off. */
    public boolean isOn() {
        return listen != null || unixSocket != null || inCluster != null;
    }

    /** Whether a TCP listener is set and its port is known before the listener is bound. */
    public boolean hasKnownPort() {
        return listen != null && listen.getPort() != 0;
    }

    /**
     * The URL at which the pod's containers reach the proxy; null if no TCP listener is set. For a listener on all
     * addresses, the URL uses the loopback address.
     */
    public @Nullable URI uri() {
        if (listen == null) {
            return null;
        }
        InetAddress host =
                listen.getAddress().isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : listen.getAddress();
        return URI.create("http://" + NetUtil.toSocketAddressString(host.getHostAddress(), listen.getPort()));
    }
}
