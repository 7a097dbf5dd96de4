package io.tokenguardian.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/**
 * Allocates the buffers into which a connection reads. No read is larger than the connection's limit
 * ({@link BufferShare}). A limit below the maximum means that many connections are open. In that case, a caller's
 * connection is read only once per turn, instead of up to sixteen times as in Netty, so that other connections do not
 * have to wait long. A connection to the API server is always read once per turn.
 */
public final class ReceiveBuffers extends AdaptiveRecvByteBufAllocator {

    /**
     * The maximum number of consecutive reads of a caller's connection, as in Netty for TCP. This allocator's default
     * is one.
     */
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
     * Returns the allocator for a caller's connection. It reads less at a time outside a body, because pipelined
     * requests would otherwise wait in memory. It also reads less if many connections are open, because one read may
     * contain thousands of one-byte chunks and must not take long.
     *
     * @param inBody whether the next read is from a request's body; called before each read
     */
    public static ReceiveBuffers ofCaller(BufferShare share, BooleanSupplier inBody) {
        ReceiveBuffers buffers =
                new ReceiveBuffers(share, () -> mostOfCaller(share.bytes(), inBody.getAsBoolean()), false);
        buffers.maxMessagesPerRead(READS);
        return buffers;
    }

    private static int mostOfCaller(int share, boolean inBody) {
        return inBody && share > BufferShare.MOST_SHARED ? share : Math.max(BufferShare.LEAST, share / 4);
    }

    /**
     * Returns the allocator for a connection to the API server. It allocates on the heap, because the JDK's TLS would
     * copy each record from a direct buffer into an array to decrypt it.
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
                return !share.isScarce() && super.continueReading();
            }
        };
    }
}
