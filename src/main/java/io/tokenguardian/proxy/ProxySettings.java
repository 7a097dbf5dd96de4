package io.tokenguardian.proxy;

import com.google.re2j.Pattern;
import io.netty.util.NetUtil;
import io.tokenguardian.proxy.caller.RuleSettings;
import io.tokenguardian.proxy.request.CredentialPolicy;
import io.tokenguardian.proxy.request.RequestSettings;
import io.tokenguardian.proxy.upstream.KeepaliveSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The settings {@code guardian.proxy.*} and {@code guardian.in-cluster.*}, checked, in the types that the proxy uses.
 *
 * @param listen the TCP address that serves plain HTTP/1.1; null for none. All three listeners may be set
 * @param unixSocket the file of a Unix socket for the same; null for none
 * @param inCluster the TLS listener for in-cluster clients; null for none
 * @param holdTimeout how long one request waits in all for a usable token
 * @param replayLimit bytes of one body, kept for retries until the response's headers; the default is the API server's
 *     own limit (docs/api-server.md, Bodies and compression)
 * @param replayTotal bytes of all bodies together
 * @param maxHeld how many requests may wait at a time
 * @param rules which requests are accepted
 * @param authorization how to treat a caller's own credential
 * @param leeway the API server's leeway on the token's times
 * @param connectTimeout time for the TCP connection to the API server, and again for the TLS handshake
 * @param keepalive when a silent API server is considered gone
 * @param passThrough whether every 401 is passed on, and none is retried
 */
public record ProxySettings(
        @Nullable InetSocketAddress listen,
        @Nullable Path unixSocket,
        @Nullable InCluster inCluster,
        Duration holdTimeout,
        long replayLimit,
        long replayTotal,
        int maxHeld,
        Rules rules,
        AuthorizationPolicy authorization,
        Duration leeway,
        Duration connectTimeout,
        Keepalive keepalive,
        boolean passThrough)
        implements RequestSettings {

    /** The time limit of the TCP connection to the API server, and again of the TLS handshake. */
    public static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /** How long a request waits for the first reading of the token file while the guardian is off. */
    private static final Duration FIRST_READING = Duration.ofSeconds(1);

    /**
     * The TLS listener that takes the API server's place for in-cluster clients: {@code guardian.in-cluster.*}.
     *
     * @param directory where its certificate authority is kept
     */
    public record InCluster(InetSocketAddress listen, Path directory) {}

    /**
     * Which requests are accepted. Each list has patterns, which may match anywhere in the text.
     *
     * @param acceptHosts at least one of these must match the {@code Host}
     * @param acceptPaths at least one of these must match the path
     * @param rejectPaths none of these may match the path
     * @param rejectMethods none of these may match the method
     */
    public record Rules(
            List<Pattern> acceptHosts,
            List<Pattern> acceptPaths,
            List<Pattern> rejectPaths,
            List<Pattern> rejectMethods)
            implements RuleSettings {
        public Rules {
            acceptHosts = List.copyOf(acceptHosts);
            acceptPaths = List.copyOf(acceptPaths);
            rejectPaths = List.copyOf(rejectPaths);
            rejectMethods = List.copyOf(rejectMethods);
        }
    }

    /** How to treat a caller's own credential, in {@code Authorization} or in a WebSocket's bearer subprotocol. */
    public enum AuthorizationPolicy implements CredentialPolicy {
        /** The token in use replaces it. */
        REPLACE,

        /** It is passed on unchanged. The proxy neither holds the request nor retries its 401. */
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

    /**
     * The TCP keepalive of connections to the API server: when the system probes a silent peer. Linux waits for more
     * than two hours by default. If a watch's server has vanished, only the keepalive ends the watch.
     *
     * @param idle how long the peer may be silent before the first probe; in whole seconds
     * @param interval how long to wait for the response to each probe; in whole seconds
     * @param count the number of unanswered probes that end the connection
     */
    public record Keepalive(Duration idle, Duration interval, int count) implements KeepaliveSettings {

        /** Ends the connection after 30 s + 6 × 10 s = 90 s of silence. */
        public static final Keepalive DEFAULT = new Keepalive(Duration.ofSeconds(30), Duration.ofSeconds(10), 6);
    }

    /** These settings while the guardian is off: no request waits for a token's acceptance, and no 401 is retried. */
    public ProxySettings passingThrough() {
        return new ProxySettings(
                listen,
                unixSocket,
                inCluster,
                FIRST_READING,
                replayLimit,
                replayTotal,
                maxHeld,
                rules,
                authorization,
                leeway,
                connectTimeout,
                keepalive,
                true);
    }

    /** Whether any listener is set. If not, the proxy is off. */
    public boolean isOn() {
        return listen != null || unixSocket != null || inCluster != null;
    }

    /** Whether a TCP listener is set, and its port is known before it is bound. */
    public boolean hasKnownPort() {
        return listen != null && listen.getPort() != 0;
    }

    /**
     * The URL at which the pod's containers reach the proxy; null without a TCP listener. For a listener on all
     * addresses, this is the loopback address.
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
