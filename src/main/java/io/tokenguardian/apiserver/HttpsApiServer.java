package io.tokenguardian.apiserver;

import io.netty.channel.EventLoopGroup;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/**
 * An API server that is asked over HTTPS, HTTP/1.1: over HTTP/2 a 401 costs the connection (docs/api-server.md, HTTP/2
 * and GOAWAY). Every conversation makes a connection and a full TLS handshake of its own. May be used by any thread.
 */
public final class HttpsApiServer implements ApiServer {

    private final ApiServerAddress address;
    private final TlsClient client;
    private final String userAgent;
    private final InstantSource clock;
    private final Timeouts timeouts;
    private final AtomicReference<Question> question = new AtomicReference<>(Question.WHO_AM_I);

    /**
     * Connects to nothing yet.
     *
     * @param userAgent {@code token-guardian/VERSION}
     * @param eventLoops NIO event loops, which remain the caller's
     * @param clock the time line of the answers' instants
     */
    public HttpsApiServer(
            ApiServerAddress address,
            CertificateAuthority authority,
            String userAgent,
            EventLoopGroup eventLoops,
            InstantSource clock,
            Timeouts timeouts) {
        this.address = address;
        this.client = new TlsClient(Connector.unrelated(address, authority, timeouts.connect()), eventLoops, clock);
        this.userAgent = userAgent;
        this.clock = clock;
        this.timeouts = timeouts;
    }

    @Override
    public Conversation open() {
        return new HttpsConversation(address, client, userAgent, clock, timeouts, question);
    }
}
