package io.tokenguardian.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;

/**
 * Has a socket read into arrays: of a buffer outside the heap the JDK's TLS copies each record into one before it
 * decrypts it. Figures are in {@code docs/performance.md}. A read is never larger than the connection's share.
 */
final class HeapReceiveBuffers extends AdaptiveRecvByteBufAllocator {

    private final BufferShare share;

    HeapReceiveBuffers(BufferShare share) {
        this.share = share;
    }

    @Override
    @SuppressWarnings("deprecation") // what it overrides has no other type
    public RecvByteBufAllocator.Handle newHandle() {
        return new DelegatingHandle(super.newHandle()) {
            @Override
            public ByteBuf allocate(ByteBufAllocator allocator) {
                return allocator.heapBuffer(Math.min(guess(), share.bytes()));
            }
        };
    }
}
