package io.tokenguardian.proxy.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.function.Consumer;

/** A proxy's connection to a replica, without a socket. All channels of a world use one simulated event loop. */
public final class SimulatedChannel extends EmbeddedChannel {
    private final EventLoop loop;
    private final Consumer<ByteBuf> server;

    /** @param server receives what the proxy sends, and must release it */
    public SimulatedChannel(EventLoop loop, ByteBufAllocator allocator, Consumer<ByteBuf> server) {
        this.loop = loop;
        this.server = server;
        config().setAllocator(allocator);
    }

    @Override
    public EventLoop eventLoop() {
        return loop == null ? super.eventLoop() : loop; // the constructor of EmbeddedChannel reads it
    }

    @Override
    protected void handleOutboundMessage(Object message) {
        server.accept((ByteBuf) message);
    }

    /** Passes bytes of the server to the proxy. */
    public void respond(String text) {
        writeInbound(ByteBufUtil.writeAscii(alloc(), text));
    }
}
