package io.tokenguardian.proxy;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.CertificateAuthority;
import io.tokenguardian.guardian.Escrow;
import io.tokenguardian.guardian.EscrowKeys;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A proxy on a free port with one event loop, whose escrow a test can fill. */
final class RunningProxy implements AutoCloseable {

    static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private static Leaks leaks = Leaks.watch();

    private final EventLoopGroup eventLoops;
    private final Escrow escrow = new Escrow();
    private final LocalProxy proxy;
    private final List<SocketAddress> addresses;

    RunningProxy(ApiServerAddress address, CertificateAuthority authority, ProxySettings settings, int threads)
            throws IOException {
        eventLoops = new NioEventLoopGroup(threads);
        proxy = new LocalProxy(settings, escrow, Optional::empty, address, authority, eventLoops, System::nanoTime);
        addresses = proxy.start();
    }

    /** In front of {@code server}, with {@code change} made to the defaults. */
    static RunningProxy before(ScriptedServer server, UnaryOperator<SettingsDraft> change) throws IOException {
        return new RunningProxy(
                server.address(),
                server.authority(),
                change.apply(new SettingsDraft()).settings(),
                1);
    }

    static RunningProxy before(ScriptedServer server) throws IOException {
        return before(server, draft -> draft);
    }

    /** Begins anew to look for leaks. */
    static void watchLeaks() {
        leaks = Leaks.watch();
    }

    RunningProxy using(@Nullable Token token) {
        EscrowKeys.use(escrow, token);
        return this;
    }

    int port() {
        return ((InetSocketAddress) addresses.get(0)).getPort();
    }

    List<SocketAddress> addresses() {
        return addresses;
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port() + path);
    }

    ProxyCounters.Snapshot counters() {
        return proxy.counters().snapshot();
    }

    LocalProxy proxy() {
        return proxy;
    }

    RawCaller call() throws IOException {
        return new RawCaller(addresses.get(0));
    }

    @Override
    public void close() {
        proxy.close();
        eventLoops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
        leaks.assertNone();
    }
}
