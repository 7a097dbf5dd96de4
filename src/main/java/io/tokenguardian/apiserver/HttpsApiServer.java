package io.tokenguardian.apiserver;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.KeyManager;
import org.jspecify.annotations.Nullable;

/**
 * An API server that is probed over HTTP/1.1, because over HTTP/2 a 401 closes the connection (docs/api-server.md,
 * HTTP/2 and GOAWAY). Each probe connection makes a full TLS handshake. May be used by any thread.
 */
public final class HttpsApiServer implements ApiServer {

    final ApiServerAddress address;
    final Connector connector;
    final Bootstrap bootstrap;
    final String userAgent;
    final InstantSource clock;
    final Timeouts timeouts;

    /** The request to try first. */
    final AtomicReference<ProbeRequest> preferredRequest = new AtomicReference<>(ProbeRequest.WHO_AM_I);

    /** The caller must close the NIO event loops. {@code clock} is the timeline of the instants in the results. */
    public HttpsApiServer(
            ApiServerAddress address,
            CertificateAuthority authority,
            @Nullable KeyManager clientKey,
            String userAgent,
            EventLoopGroup eventLoops,
            InstantSource clock,
            Timeouts timeouts) {
        this.address = address;
        this.connector = Connector.notResuming(address, authority, timeouts.connect(), clientKey);
        this.bootstrap = new Bootstrap().group(eventLoops).channelFactory(NioSocketChannel::new);
        this.userAgent = userAgent;
        this.clock = clock;
        this.timeouts = timeouts;
    }

    @Override
    public HttpsProbeConnection open() {
        return new HttpsProbeConnection(this);
    }
}
