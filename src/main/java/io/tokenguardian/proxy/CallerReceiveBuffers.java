package io.tokenguardian.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import java.util.function.IntSupplier;

/** Has a caller's connection read no more at a time than it may have unparsed. */
final class CallerReceiveBuffers extends AdaptiveRecvByteBufAllocator {

    private final IntSupplier most;

    /** @param most bytes, asked for before each read */
    CallerReceiveBuffers(IntSupplier most) {
        this.most = most;
    }

    @Override
    @SuppressWarnings("deprecation") // what it overrides has no other type
    public RecvByteBufAllocator.Handle newHandle() {
        return new DelegatingHandle(super.newHandle()) {
            @Override
            public ByteBuf allocate(ByteBufAllocator allocator) {
                return allocator.ioBuffer(Math.min(guess(), most.getAsInt()));
            }
        };
    }
}
