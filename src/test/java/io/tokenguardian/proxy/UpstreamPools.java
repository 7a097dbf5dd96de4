package io.tokenguardian.proxy;

import io.netty.channel.EventLoop;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.CertificateAuthority;
import io.tokenguardian.apiserver.Connector;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Makes pools in simulated time. */
final class UpstreamPools {

    private UpstreamPools() {}

    /** One that can't connect: a test gives it its connections. */
    static UpstreamPool on(EventLoop eventLoop, LongSupplier nanoTime) {
        return on(eventLoop, nanoTime, new UpstreamConnector(connector(), Keepalive.DEFAULT, new ProxyCounters()));
    }

    /** A connector without a CA, which can't connect. */
    static Connector connector() {
        ApiServerAddress address = new ApiServerAddress("127.0.0.1", 6443, "127.0.0.1");
        CertificateAuthority authority = new CertificateAuthority(Path.of("none"));
        return Connector.resuming(address, authority, Duration.ofSeconds(10));
    }

    static UpstreamPool on(EventLoop eventLoop, LongSupplier nanoTime, UpstreamConnector connector) {
        return new UpstreamPool(
                eventLoop, connector, Http2Mode.NEVER, nanoTime, 100, 20, new BufferShare(), new ProxyLog());
    }
}
