package io.tokenguardian.apiserver;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProbeExchangeTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final AtomicReference<Instant> now = new AtomicReference<>(START);
    private final EmbeddedChannel channel = new EmbeddedChannel(new HttpClientCodec());
    private final ProbeExchange exchange = new ProbeExchange(channel, now::get);
    private final CompletableFuture<ProbeResponse> result = new CompletableFuture<>();

    @BeforeEach
    void start() {
        channel.pipeline().addLast(exchange.newAggregator(1_000), exchange);
        exchange.start(ProbeRequest.WHICH_VERSIONS.request("api", "test", "none"), sent -> {}, result);
    }

    @Test
    void aResponseIsReceivedWhenItsHeadersHaveArrived() {
        now.set(START.plusSeconds(1));
        receive("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
        now.set(START.plusSeconds(2));

        receive("{}");

        ProbeResponse response = result.join();
        assertThat(response.sentAt()).isEqualTo(START);
        assertThat(response.receivedAt()).isEqualTo(START.plusSeconds(1));
        assertThat(response.body()).isEqualTo("{}");
        assertThat(response.reusable()).isTrue();
        channel.finishAndReleaseAll();
    }

    private void receive(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, US_ASCII));
    }
}
