package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.PooledByteBufAllocator;
import org.junit.jupiter.api.Test;

class LeaksTest {

    @Test
    void aLostBufferIsFound() {
        // Given
        Leaks leaks = Leaks.watch();
        try {
            // When
            PooledByteBufAllocator.DEFAULT.buffer(16).writeByte(1);

            // Then
            await().untilAsserted(() -> assertThatThrownBy(leaks::assertNone).isInstanceOf(AssertionError.class));
        } finally {
            LeakCheck.resume();
        }
    }
}
