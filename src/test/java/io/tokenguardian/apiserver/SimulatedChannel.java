package io.tokenguardian.apiserver;

import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A channel on any event loop, without a socket. The test decides when and how its TCP connection ends. What is written
 * is discarded.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what ends here ends at once
final class SimulatedChannel extends AbstractChannel {
    private final ChannelConfig config = new DefaultChannelConfig(this);
    private @Nullable ChannelPromise connecting;
    private @Nullable InetSocketAddress remote;
    private boolean active;
    private boolean closed;

    SimulatedChannel() {
        super(null);
    }

    /** Returns the IP address to which this channel connects. */
    String target() {
        return Objects.requireNonNull(remote).getAddress().getHostAddress();
    }

    /** Establishes the TCP connection, in Netty's order: first the result, then the event. */
    void establish() {
        active = true;
        Objects.requireNonNull(connecting).setSuccess();
        pipeline().fireChannelActive();
    }

    /** Refuses the TCP connection. */
    void refuse() {
        Objects.requireNonNull(connecting).setFailure(new ConnectException("Connection refused"));
        close();
    }

    private final class Unsafe extends AbstractUnsafe {
        @Override
        public void connect(SocketAddress to, @Nullable SocketAddress from, ChannelPromise promise) {
            connecting = promise;
            remote = (InetSocketAddress) to;
        }
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new Unsafe();
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected void doClose() {
        closed = true;
        active = false;
        if (connecting != null) {
            connecting.tryFailure(new ClosedChannelException());
        }
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer written) {
        while (written.current() != null) {
            written.remove();
        }
    }

    @Override
    protected void doBeginRead() {}

    @Override
    protected void doBind(SocketAddress local) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected void doDisconnect() {
        doClose();
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return null;
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return remote;
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public boolean isActive() {
        return active;
    }

    @Override
    public ChannelMetadata metadata() {
        return new ChannelMetadata(false);
    }
}
