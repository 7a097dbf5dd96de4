package io.tokenguardian.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator.Handle;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

class ReceiveBuffersTest {

    private final BufferShare share = new BufferShare();

    @Test
    void theUpstreamGetsAnArrayFromAnAllocatorOfDirectBuffers() {
        ByteBuf buffer = ReceiveBuffers.ofUpstream(share).newHandle().allocate(new PooledByteBufAllocator(true));
        try {
            assertThat(buffer.hasArray()).isTrue();
        } finally {
            buffer.release();
        }
    }

    @Test
    void aReadOutsideABodyIsAQuarterOfTheBuffer() {
        assertThat(largestRead(false)).isEqualTo(BufferShare.MOST / 4);
    }

    @Test
    void aReadInABodyIsTheWholeBuffer() {
        assertThat(largestRead(true)).isEqualTo(BufferShare.MOST);
    }

    @Test
    void aReadInABodyIsAQuarterOfASmallerBuffer() {
        for (int i = 0; i <= BufferShare.SEVERAL; i++) {
            share.enter();
        }
        assertThat(largestRead(true)).isEqualTo(BufferShare.MOST_SHARED / 4);
    }

    /** Returns the size of a read after many reads that have filled their buffers. */
    @SuppressWarnings("deprecation") // Netty has no other type
    private int largestRead(boolean inBody) {
        Handle handle = ReceiveBuffers.ofCaller(share, () -> inBody).newHandle();
        handle.reset(new EmbeddedChannel().config());
        int size = 0;
        for (int i = 0; i < 20; i++) {
            ByteBuf buffer = handle.allocate(PooledByteBufAllocator.DEFAULT);
            size = buffer.capacity();
            buffer.release();
            handle.attemptedBytesRead(1 << 20);
            handle.lastBytesRead(1 << 20);
            handle.readComplete();
        }
        return size;
    }

    @Test
    void aConnectionWithTheLargestBufferIsReadAgainInTheSameTurn() {
        assertThat(readsAgain()).isTrue();
    }

    @Test
    void aConnectionWithASmallerBufferIsReadAgainInTheNextTurn() {
        for (int i = 0; i <= BufferShare.SEVERAL; i++) {
            share.enter();
        }
        assertThat(readsAgain()).isFalse();
    }

    /** Whether a connection that has just filled a whole buffer is read again in the same turn. */
    @SuppressWarnings("deprecation") // Netty has no other type
    private boolean readsAgain() {
        Handle handle = ReceiveBuffers.ofCaller(share, () -> true).newHandle();
        handle.reset(new EmbeddedChannel().config());
        handle.attemptedBytesRead(1000);
        handle.lastBytesRead(1000);
        handle.incMessagesRead(1);
        return handle.continueReading();
    }
}
