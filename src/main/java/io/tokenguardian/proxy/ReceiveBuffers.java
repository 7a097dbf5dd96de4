package io.tokenguardian.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import java.util.function.IntSupplier;

/**
 * What a connection reads into: no more at a time than its share. Where the share is not the largest, thousands of connections may
 * have something to read: then each is read once in its turn, and not up to sixteen times as Netty would, so that none waits for long.
 */
final class ReceiveBuffers extends AdaptiveRecvByteBufAllocator {

    /** Reads of a caller's connection in a row, as Netty has it for TCP: its allocator alone would make one. */
    private static final int READS = 16;

    private final BufferShare share;
    private final IntSupplier most;
    private final boolean arrays;

    private ReceiveBuffers(BufferShare share, IntSupplier most, boolean arrays) {
        this.share = share;
        this.most = most;
        this.arrays = arrays;
    }

    /** @param most bytes, asked for before each read */
    static ReceiveBuffers ofCaller(BufferShare share, IntSupplier most) {
        ReceiveBuffers buffers = new ReceiveBuffers(share, most, false);
        buffers.maxMessagesPerRead(READS);
        return buffers;
    }

    /**
     * Arrays: of a buffer outside the heap the JDK's TLS copies each record into one before it decrypts it. Figures are in
     * {@code docs/performance.md}.
     */
    static ReceiveBuffers ofUpstream(BufferShare share) {
        return new ReceiveBuffers(share, share::bytes, true);
    }

    @Override
    @SuppressWarnings("deprecation") // what it overrides has no other type
    public RecvByteBufAllocator.Handle newHandle() {
        return new DelegatingHandle(super.newHandle()) {
            @Override
            public ByteBuf allocate(ByteBufAllocator allocator) {
                int bytes = Math.min(guess(), most.getAsInt());
                return arrays ? allocator.heapBuffer(bytes) : allocator.ioBuffer(bytes);
            }

            @Override
            public boolean continueReading() {
                return share.bytes() == BufferShare.MOST && super.continueReading();
            }
        };
    }
}
