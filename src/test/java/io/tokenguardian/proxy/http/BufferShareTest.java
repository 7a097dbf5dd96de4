package io.tokenguardian.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
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

    private static final Channel LISTENER = new EmbeddedChannel();

    private static SslHandler tls() throws SSLException {
        return SslContextBuilder.forClient().build().newHandler(UnpooledByteBufAllocator.DEFAULT);
    }

    private static EmbeddedChannel channel(@Nullable Channel listener, SslHandler tls) {
        return new EmbeddedChannel(listener, DefaultChannelId.newInstance(), true, false, tls);
    }

    @ParameterizedTest
    @CsvSource({"257, 8192", "513, 4096"})
    void aTlsRecordToACallerIsNoLongerThanTheLimit(int callers, int bytes) throws SSLException {
        // Given
        SslHandler tls = tls();
        EmbeddedChannel caller = channel(LISTENER, tls);
        enter(callers);

        // When
        share.setLimits(caller);

        // Then
        assertThat(tls).extracting("wrapDataSize").isEqualTo(bytes);
        caller.finishAndReleaseAll();
    }

    @Test
    void withFewerCallersATlsRecordHasItsFullLengthAgain() throws SSLException {
        // Given
        SslHandler tls = tls();
        EmbeddedChannel caller = channel(LISTENER, tls);
        enter(257);
        share.setLimits(caller);
        share.leave();

        // When
        share.setLimits(caller);

        // Then
        assertThat(tls).extracting("wrapDataSize").isEqualTo(16_384);
        caller.finishAndReleaseAll();
    }

    @Test
    void aTlsRecordToTheApiServerHasItsFullLength() throws SSLException {
        // Given
        SslHandler tls = tls();
        EmbeddedChannel upstream = channel(null, tls);
        enter(513);

        // When
        share.setLimits(upstream);

        // Then
        assertThat(tls).extracting("wrapDataSize").isEqualTo(16_384);
        upstream.finishAndReleaseAll();
    }
}
