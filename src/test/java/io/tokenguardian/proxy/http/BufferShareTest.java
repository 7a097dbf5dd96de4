package io.tokenguardian.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BufferShareTest {

    private final BufferShare share = new BufferShare();

    private void enter(int connections) {
        for (int i = 0; i < connections; i++) {
            share.enter();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 65536",
        "4, 65536",
        "5, 49152",
        "64, 49152",
        "65, 16384",
        "256, 16384",
        "257, 8192",
        "512, 8192",
        "513, 4096",
        "2048, 4096",
        "12288, 4096"
    })
    void theMoreCallersThereAreTheSmallerAreTheBuffers(int callers, int bytes) {
        enter(callers);
        assertThat(share.bytes()).isEqualTo(bytes);
    }

    @Test
    void theEndOfAConnectionEnlargesTheBuffersAgain() {
        enter(BufferShare.FEW + 1);
        share.leave();
        assertThat(share.bytes()).isEqualTo(BufferShare.MOST);
    }

    @Test
    void aChannelIsWritableBelowItsBufferSize() {
        // Given
        EmbeddedChannel channel = new EmbeddedChannel();
        enter(BufferShare.SEVERAL + 1);

        // When
        share.setLimits(channel);

        // Then
        assertThat(channel.config().getWriteBufferHighWaterMark()).isEqualTo(BufferShare.MOST_SHARED);
        assertThat(channel.config().getWriteBufferLowWaterMark()).isEqualTo(1);
    }
}
