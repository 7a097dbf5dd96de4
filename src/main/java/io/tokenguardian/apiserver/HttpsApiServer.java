package io.tokenguardian.apiserver;

import io.netty.channel.EventLoopGroup;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.KeyManager;
import org.jspecify.annotations.Nullable;

/**
 * An API server that is probed over HTTP/1.1, because over HTTP/2 a 401 closes the connection (docs/api-server.md,
 * HTTP/2 and GOAWAY). Each probe connection makes a full TLS handshake. May be used by any thread.
 */
public final class HttpsApiServer implements ApiServer {

    private final ApiServerAddress address;
    private final TlsClient client;
    private final String userAgent;
    private final InstantSource clock;
    private final Timeouts timeouts;
    private final AtomicReference<ProbeRequest> preferredRequest = new AtomicReference<>(ProbeRequest.WHO_AM_I);

    /** The caller must close the NIO event loops. {@code clock} is the timeline of the instants in the results. */
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
    public HttpsProbeConnection open() {
        return new HttpsProbeConnection(address, client, userAgent, clock, timeouts, preferredRequest);
    }
}
