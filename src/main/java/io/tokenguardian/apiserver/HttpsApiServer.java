package io.tokenguardian.apiserver;

import io.netty.channel.EventLoopGroup;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.KeyManager;
import org.jspecify.annotations.Nullable;

/**
 * An API server that is probed over HTTPS with HTTP/1.1: over HTTP/2 a 401 closes the connection (docs/api-server.md,
 * HTTP/2 and GOAWAY). Each probe connection makes its own full TLS handshake. May be used by any thread.
 */
public final class HttpsApiServer implements ApiServer {

    private final ApiServerAddress address;
    private final TlsClient client;
    private final String userAgent;
    private final InstantSource clock;
    private final Timeouts timeouts;
    private final AtomicReference<ProbeRequest> preferredRequest = new AtomicReference<>(ProbeRequest.WHO_AM_I);

    /**
     * Does not connect yet.
     *
     * @param userAgent {@code token-guardian/VERSION}
     * @param eventLoops NIO event loops, which the caller closes
     * @param clock the timeline for the instants of the results
     */
    public HttpsApiServer(
            ApiServerAddress address,
            CertificateAuthority authority,
            String userAgent,
            EventLoopGroup eventLoops,
            InstantSource clock,
            Timeouts timeouts) {
        this(address, authority, null, userAgent, eventLoops, clock, timeouts);
    }

    /**
     * The same for connections on which this side authenticates itself.
     *
     * @param clientKey the key for that; null for none
     */
    public HttpsApiServer(
            ApiServerAddress address,
            CertificateAuthority authority,
            @Nullable KeyManager clientKey,
            String userAgent,
            EventLoopGroup eventLoops,
            InstantSource clock,
            Timeouts timeouts) {
        Connector connector = Connector.notResuming(address, authority, timeouts.connect(), clientKey);
        this.address = address;
        this.client = new TlsClient(connector, eventLoops, clock);
        this.userAgent = userAgent;
        this.clock = clock;
        this.timeouts = timeouts;
    }

    @Override
    public ProbeConnection open() {
        return new HttpsProbeConnection(address, client, userAgent, clock, timeouts, preferredRequest);
    }
}
