package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import org.junit.jupiter.api.Test;

class HeapReceiveBuffersTest {

    @Test
    void anAllocatorThatPrefersBuffersOutsideTheHeapGivesAnArray() {
        ByteBuf buffer =
                new HeapReceiveBuffers(new BufferShare()).newHandle().allocate(new PooledByteBufAllocator(true));
        try {
            assertThat(buffer.hasArray()).isTrue();
        } finally {
            buffer.release();
        }
    }
}
