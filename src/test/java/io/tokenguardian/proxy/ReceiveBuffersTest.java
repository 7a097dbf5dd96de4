package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator.Handle;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

class ReceiveBuffersTest {

    private final BufferShare share = new BufferShare();

    @Test
    void anAllocatorThatPrefersBuffersOutsideTheHeapGivesTheUpstreamAnArray() {
        ByteBuf buffer = ReceiveBuffers.ofUpstream(share).newHandle().allocate(new PooledByteBufAllocator(true));
        try {
            assertThat(buffer.hasArray()).isTrue();
        } finally {
            buffer.release();
        }
    }

    @Test
    void aReadIsNoLargerThanTheMost() {
        ByteBuf buffer = ReceiveBuffers.ofCaller(share, () -> 100).newHandle().allocate(PooledByteBufAllocator.DEFAULT);
        try {
            assertThat(buffer.capacity()).isEqualTo(100);
        } finally {
            buffer.release();
        }
    }

    @Test
    void withTheLargestShareAConnectionThatHasMoreIsReadAgain() {
        assertThat(readsAgain()).isTrue();
    }

    @Test
    void withASmallerShareItIsTheNextConnectionsTurn() {
        for (int i = 0; i <= BufferShare.TOTAL / BufferShare.MOST; i++) {
            share.enter();
        }
        assertThat(readsAgain()).isFalse();
    }

    /** Whether a connection that has just filled a whole buffer is read once more in the same turn. */
    @SuppressWarnings("deprecation") // Netty's type has no other
    private boolean readsAgain() {
        Handle handle = ReceiveBuffers.ofCaller(share, share::bytes).newHandle();
        handle.reset(new EmbeddedChannel().config());
        handle.attemptedBytesRead(1000);
        handle.lastBytesRead(1000);
        handle.incMessagesRead(1);
        return handle.continueReading();
    }
}
