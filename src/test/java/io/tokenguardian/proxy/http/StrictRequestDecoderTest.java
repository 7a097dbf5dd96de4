package io.tokenguardian.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpObject;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes after a request that can't be parsed are not read, however they are split into reads. */
class StrictRequestDecoderTest {

    private static final String GOOD = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / / HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello\r\n0\r\n\r\n",
                "GET / HTTP/1.1\nHost: localhost\n\n"
            })
    void noByteIsReadAfterAnInvalidRequest(String broken) {
        // Given
        EmbeddedChannel channel = new EmbeddedChannel(new StrictRequestDecoder(new Semaphore(Integer.MAX_VALUE)));
        assertThatThrownBy(() -> send(channel, broken)).isInstanceOf(RequestRefusedException.class);
        read(channel);

        // When
        send(channel, GOOD);
        send(channel, "GET");
        send(channel, " / HTTP/1.1\r\n\r\n");

        // Then
        assertThat(read(channel)).isEmpty();
        assertThat(channel.finishAndReleaseAll()).isFalse();
    }

    @Test
    void aSecondRequestWaitsForTheEndOfTheFirst() {
        // Given
        StrictRequestDecoder decoder = new StrictRequestDecoder(new Semaphore(Integer.MAX_VALUE));
        EmbeddedChannel channel = new EmbeddedChannel(decoder);
        send(channel, GOOD.repeat(1000));
        assertThat(read(channel)).hasSize(2);
        assertThat(decoder.hasBytesAhead()).isTrue();
        assertThat(channel.config().isAutoRead()).as("reading stops").isFalse();

        // When
        decoder.resume();

        // Then
        assertThat(read(channel)).hasSize(2);
        channel.finishAndReleaseAll();
    }

    @Test
    void noBytesAreAheadAfterTheLastRequest() {
        StrictRequestDecoder decoder = new StrictRequestDecoder(new Semaphore(Integer.MAX_VALUE));
        EmbeddedChannel channel = new EmbeddedChannel(decoder);
        send(channel, GOOD);
        assertThat(decoder.hasBytesAhead()).isFalse();
        assertThat(channel.config().isAutoRead()).isTrue();
        channel.finishAndReleaseAll();
    }

    @Test
    void laterBytesAfterARequestAreNotFollowedByAnotherRead() {
        // Given
        AtomicInteger reads = new AtomicInteger();
        EmbeddedChannel channel = new EmbeddedChannel(
                new ChannelOutboundHandlerAdapter() {
                    @Override
                    public void read(ChannelHandlerContext ctx) throws Exception {
                        reads.incrementAndGet();
                        super.read(ctx);
                    }
                },
                new StrictRequestDecoder(new Semaphore(Integer.MAX_VALUE)));
        send(channel, GOOD);
        read(channel);
        reads.set(0);

        // When
        send(channel, GOOD);

        // Then
        assertThat(channel.config().isAutoRead()).isFalse();
        assertThat(reads).hasValue(0);
        channel.finishAndReleaseAll();
    }

    @Test
    void aLineInABodyAboveItsLimitIsRefusedBeforeItEnds() {
        // Given
        EmbeddedChannel channel = new EmbeddedChannel(new StrictRequestDecoder(new Semaphore(0)));
        send(channel, "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n");

        // When
        send(channel, "x".repeat(StrictRequestDecoder.FREE));
        assertThatThrownBy(() -> send(channel, "x"))
                // Then
                .hasMessage("a line in the body is too long");
        channel.finishAndReleaseAll();
    }

    @Test
    void onlyHeadersAboveTheFreeSizeAreCharged() {
        // Given
        Semaphore budget = new Semaphore(1000);
        EmbeddedChannel channel = new EmbeddedChannel(new StrictRequestDecoder(budget));
        String line = "GET / HTTP/1.1\r\n";

        // When
        send(channel, line + "X: " + "x".repeat(StrictRequestDecoder.FREE - line.length() - "X: ".length()));
        int free = budget.availablePermits();
        send(channel, "x");

        // Then
        assertThat(free).isEqualTo(1000);
        assertThat(budget.availablePermits()).isEqualTo(999);
        channel.finishAndReleaseAll();
    }

    @Test
    void headersAboveTheBudgetAreRefused() {
        // Given
        Semaphore budget = new Semaphore(100);
        EmbeddedChannel channel = new EmbeddedChannel(new StrictRequestDecoder(budget));

        // When
        assertThatThrownBy(() -> send(channel, "GET / HTTP/1.1\r\nX: " + "x".repeat(StrictRequestDecoder.FREE + 100)))
                // Then
                .isInstanceOfSatisfying(
                        RequestRefusedException.class,
                        refused -> assertThat(refused.fault()).isEqualTo(ProxyFault.OVERLOADED));
        channel.finishAndReleaseAll();
        assertThat(budget.availablePermits()).isEqualTo(100);
    }

    @Test
    void aConnectionThatEndsInHeadersReturnsItsCharge() {
        Semaphore budget = new Semaphore(1 << 20);
        EmbeddedChannel channel = new EmbeddedChannel(new StrictRequestDecoder(budget));
        send(channel, "GET / HTTP/1.1\r\nX: " + "x".repeat(20_000));
        assertThat(budget.availablePermits()).isLessThan(1 << 20);
        channel.finishAndReleaseAll();
        assertThat(budget.availablePermits()).isEqualTo(1 << 20);
    }

    private static void send(EmbeddedChannel channel, String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
    }

    private static List<HttpObject> read(EmbeddedChannel channel) {
        List<HttpObject> all = new ArrayList<>();
        for (HttpObject object = channel.readInbound(); object != null; object = channel.readInbound()) {
            ReferenceCountUtil.release(object);
            all.add(object);
        }
        return all;
    }
}
