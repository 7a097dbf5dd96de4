package io.tokenguardian.proxy.upstream;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.tokenguardian.proxy.http.ProxyFault;
import java.util.function.Consumer;

/** Connects a pool to simulated replicas. */
public final class SimulatedConnector extends UpstreamPools.BrokenConnector {
    private final Consumer<Opening> network;

    /** A connection that is being opened. One of its methods is called, once. */
    public interface Opening {
        void connected(Channel channel);

        /** Called without a connection. {@code silent} is whether no response came in time. */
        void failed(boolean silent);
    }

    public SimulatedConnector(Consumer<Opening> network) {
        this.network = network;
    }

    @Override
    void connect(EventLoop eventLoop, UpstreamPool pool, Outcome outcome) {
        network.accept(new Opening() {
            @Override
            public void connected(Channel channel) {
                outcome.connected(Upstream.install(channel, pool));
            }

            @Override
            public void failed(boolean silent) {
                ProxyFault fault = silent ? ProxyFault.UPSTREAM_SILENT : ProxyFault.UPSTREAM_UNREACHABLE;
                outcome.failed(new ConnectionFault(fault, "failed", false));
            }
        });
    }
}
