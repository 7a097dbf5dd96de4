package io.tokenguardian.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BufferShareTest {

    private static final Channel LISTENER = new EmbeddedChannel();
    private static final int FULL_RECORD = 16_384;

    private final BufferShare share = new BufferShare();

    private final SslHandler tls;

    private final List<EmbeddedChannel> made = new ArrayList<>();

    BufferShareTest() throws SSLException {
        tls = SslContextBuilder.forClient().build().newHandler(UnpooledByteBufAllocator.DEFAULT);
    }

    /** Returns a channel over TLS that {@code listener} has accepted, or that was connected if that is null. */
    private EmbeddedChannel channel(@Nullable Channel listener) {
        EmbeddedChannel channel = new EmbeddedChannel(listener, DefaultChannelId.newInstance(), true, false, tls);
        made.add(channel);
        return channel;
    }

    @AfterEach
    void finish() {
        made.forEach(EmbeddedChannel::finishAndReleaseAll);
    }

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

    @ParameterizedTest
    @CsvSource({"257, 8192", "513, 4096"})
    void aTlsRecordToACallerIsNoLongerThanTheLimit(int callers, int bytes) {
        enter(callers);
        share.setLimits(channel(LISTENER));
        assertThat(tls).extracting("wrapDataSize").isEqualTo(bytes);
    }

    @Test
    void withFewerCallersATlsRecordHasItsFullLengthAgain() {
        // Given
        EmbeddedChannel caller = channel(LISTENER);
        enter(257);
        share.setLimits(caller);
        share.leave();

        // When
        share.setLimits(caller);

        // Then
        assertThat(tls).extracting("wrapDataSize").isEqualTo(FULL_RECORD);
    }

    @Test
    void aTlsRecordToTheApiServerHasItsFullLength() {
        enter(513);
        share.setLimits(channel(null));
        assertThat(tls).extracting("wrapDataSize").isEqualTo(FULL_RECORD);
    }
}
