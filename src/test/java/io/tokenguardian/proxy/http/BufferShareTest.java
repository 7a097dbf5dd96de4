package io.tokenguardian.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

class BufferShareTest {

    private final BufferShare share = new BufferShare();

    private void enter(int connections) {
        for (int i = 0; i < connections; i++) {
            share.enter();
        }
    }

    @Test
    void aFewConnectionsHaveTheLargestBufferEach() {
        assertThat(share.bytes()).isEqualTo(BufferShare.MOST);
        enter(BufferShare.TOTAL / BufferShare.MOST);
        assertThat(share.bytes()).isEqualTo(BufferShare.MOST);
    }

    @Test
    void aConnectionAboveTheLimitHalvesAllBuffers() {
        enter(BufferShare.TOTAL / BufferShare.MOST + 1);
        assertThat(share.bytes()).isEqualTo(BufferShare.MOST / 2);
    }

    @Test
    void theEndOfAConnectionDoublesTheBuffersAgain() {
        enter(BufferShare.TOTAL / BufferShare.MOST + 1);
        share.leave();
        assertThat(share.bytes()).isEqualTo(BufferShare.MOST);
    }

    @Test
    void eachConnectionKeepsTheSmallestBuffer() {
        enter(3 * BufferShare.TOTAL / BufferShare.LEAST);
        assertThat(share.bytes()).isEqualTo(BufferShare.LEAST);
    }

    @Test
    void aChannelIsWritableBelowItsBufferSize() {
        // Given
        EmbeddedChannel channel = new EmbeddedChannel();
        enter(BufferShare.TOTAL / BufferShare.MOST + 1);

        // When
        share.setWaterMarks(channel);

        // Then
        assertThat(channel.config().getWriteBufferHighWaterMark()).isEqualTo(BufferShare.MOST / 2);
        assertThat(channel.config().getWriteBufferLowWaterMark()).isEqualTo(BufferShare.MOST / 4);
    }
}
