package io.tokenguardian.proxy;

import io.netty.channel.EventLoop;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.CertificateAuthority;
import io.tokenguardian.apiserver.Connector;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Makes pools that can't connect: a test gives them their connections. */
final class UpstreamPools {

    private UpstreamPools() {}

    static UpstreamPool on(EventLoop eventLoop, LongSupplier nanoTime) {
        ApiServerAddress address = new ApiServerAddress("127.0.0.1", 6443, "127.0.0.1");
        CertificateAuthority authority = new CertificateAuthority(Path.of("none"));
        Connector connector = Connector.resuming(address, authority, Duration.ofSeconds(10));
        return new UpstreamPool(
                eventLoop,
                new UpstreamConnector(connector, Keepalive.DEFAULT, new ProxyCounters()),
                Http2Mode.NEVER,
                nanoTime,
                100,
                20,
                new BufferShare(),
                new ProxyLog());
    }
}
