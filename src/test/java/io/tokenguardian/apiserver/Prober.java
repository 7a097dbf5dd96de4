package io.tokenguardian.apiserver;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.tokenguardian.HangDetector;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Sends probes to a server, with its own event loop and a new token. */
final class Prober implements AfterAllCallback {

    static final Timeouts GENEROUS = new Timeouts(HangDetector.TIMEOUT, HangDetector.TIMEOUT);

    private final EventLoopGroup eventLoops = new NioEventLoopGroup(1);
    private final Token token = TestTokens.issuedAt(Instant.now()).token();

    Token token() {
        return token;
    }

    ApiServer apiServer(ApiServerAddress address, Path ca) {
        return apiServer(address, ca, InstantSource.system(), GENEROUS);
    }

    ApiServer apiServer(ApiServerAddress address, Path ca, InstantSource clock, Timeouts timeouts) {
        return apiServer(address, new CertificateAuthority(ca), clock, timeouts);
    }

    ApiServer apiServer(
            ApiServerAddress address, CertificateAuthority authority, InstantSource clock, Timeouts timeouts) {
        return new HttpsApiServer(address, authority, null, "token-guardian/1.2.3", eventLoops, clock, timeouts);
    }

    /** Sends a probe over a new connection. */
    ProbeResult probe(ApiServer apiServer) {
        try (ProbeConnection probeConnection = apiServer.open()) {
            return probeConnection.probe(token).join();
        }
    }

    static ApiServerAddress at(ScriptedServer server) {
        return new ApiServerAddress("127.0.0.1", server.port(), "127.0.0.1");
    }

    @Override
    public void afterAll(ExtensionContext context) {
        eventLoops.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
