package io.tokenguardian.proxy.upstream;

import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.CertificateAuthority;
import io.tokenguardian.proxy.ProxySettings.Keepalive;
import io.tokenguardian.proxy.http.BufferShare;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/** Makes pools in simulated time. */
public final class UpstreamPools {

    /** The maximum number of connections of a pool. */
    static final int MAX_CONNECTIONS = 100;

    /** The maximum number of new connections per second while some replicas refuse the token. */
    static final int PER_SECOND = 20;

    private UpstreamPools() {}

    /** A prober whose probes never get a result. */
    static final Prober SILENT = (pool, upstream, tokens) -> {};

    /** Makes a pool that can't connect. A test supplies its connections. */
    public static UpstreamPool on(EventLoop eventLoop, LongSupplier nanoTime) {
        return on(eventLoop, nanoTime, new BrokenConnector());
    }

    /** Makes a pool that connects only to the address of the service. */
    static UpstreamPool on(EventLoop eventLoop, LongSupplier nanoTime, UpstreamConnector connector) {
        return on(eventLoop, nanoTime, new ReplicaConnector(connector, List::of, nanoTime));
    }

    static UpstreamPool on(EventLoop eventLoop, LongSupplier nanoTime, ReplicaConnector connector) {
        return on(eventLoop, nanoTime, connector, SILENT);
    }

    static UpstreamPool on(EventLoop eventLoop, LongSupplier nanoTime, ReplicaConnector connector, Prober prober) {
        return new UpstreamPool(
                eventLoop, connector, prober, nanoTime, MAX_CONNECTIONS, PER_SECOND, new BufferShare(), new ProxyLog());
    }

    /** Makes a pool that can't connect, and counts its attempts. */
    public static UpstreamPool counting(EventLoop eventLoop, LongSupplier nanoTime, AtomicInteger connects) {
        return on(eventLoop, nanoTime, new BrokenConnector() {
            @Override
            void connect(EventLoop on, UpstreamPool pool, Outcome outcome) {
                connects.incrementAndGet();
            }
        });
    }

    public static Upstream connected() {
        EmbeddedChannel channel = new EmbeddedChannel();
        return Upstream.install(channel, on(channel.eventLoop(), System::nanoTime));
    }

    /** A connector without a CA, which can't connect. */
    static class BrokenConnector extends UpstreamConnector {
        BrokenConnector() {
            super(
                    new ApiServerAddress("127.0.0.1", 6443, "127.0.0.1"),
                    new CertificateAuthority(Path.of("none")),
                    Duration.ofSeconds(10),
                    Keepalive.DEFAULT,
                    connected -> {});
        }
    }
}
