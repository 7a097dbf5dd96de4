package io.tokenguardian.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/**
 * Allocates the buffers into which a connection reads; no read is larger than the connection's share. A smaller share
 * than the largest means many connections. Then a caller's connection is read once per turn, instead of up to sixteen
 * times as Netty does, so that no other connection waits for long. A connection to the API server is always read once
 * per turn.
 */
public final class ReceiveBuffers extends AdaptiveRecvByteBufAllocator {

    /** Reads of a caller's connection in a row: Netty's number for TCP. This allocator by itself makes one. */
    private static final int READS = 16;

    private final BufferShare share;
    private final IntSupplier most;
    private final boolean onHeap;

    private ReceiveBuffers(BufferShare share, IntSupplier most, boolean onHeap) {
        this.share = share;
        this.most = most;
        this.onHeap = onHeap;
    }

    /**
     * Reads less outside a body, because pipelined requests would have to wait in memory. Reads less with many
     * connections too, to keep each read short: one may hold thousands of chunks of one byte.
     *
     * @param inBody whether the next read is of a request's body, queried before each read
     */
    public static ReceiveBuffers ofCaller(BufferShare share, BooleanSupplier inBody) {
        ReceiveBuffers buffers =
                new ReceiveBuffers(share, () -> mostOfCaller(share.bytes(), inBody.getAsBoolean()), false);
        buffers.maxMessagesPerRead(READS);
        return buffers;
    }

    private static int mostOfCaller(int share, boolean inBody) {
        return inBody && share == BufferShare.MOST ? share : Math.max(BufferShare.LEAST, share / 4);
    }

    /**
     * Allocates on the heap: from a direct buffer the JDK's TLS would copy each record into an array before it decrypts
     * it. Figures are in {@code docs/performance.md}.
     */
    public static ReceiveBuffers ofUpstream(BufferShare share) {
        return new ReceiveBuffers(share, share::bytes, true);
    }

    @Override
    @SuppressWarnings("deprecation") // the overridden method returns this type
    public RecvByteBufAllocator.Handle newHandle() {
        return new DelegatingHandle(super.newHandle()) {
            @Override
            public ByteBuf allocate(ByteBufAllocator allocator) {
                int bytes = Math.min(guess(), most.getAsInt());
                return onHeap ? allocator.heapBuffer(bytes) : allocator.ioBuffer(bytes);
            }

            @Override
            public boolean continueReading() {
                return share.bytes() == BufferShare.MOST && super.continueReading();
            }
        };
    }
}
