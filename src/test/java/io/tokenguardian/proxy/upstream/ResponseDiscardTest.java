package io.tokenguardian.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How long the proxy waits for the remainder of a 401, in simulated time. */
class ResponseDiscardTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final List<String> events = new ArrayList<>();

    /** Discards each response, from its headers on. */
    private final class Draining implements ResponseListener {
        private final Upstream upstream;

        Draining(Upstream upstream) {
            this.upstream = upstream;
        }

        @Override
        public void onResponseHead(HttpResponse response) {
            upstream.discardRest(() -> events.add("drained"), () -> events.add("gone"));
        }

        @Override
        public void onResponseContent(HttpContent content) {
            throw new AssertionError("content after the drain has begun");
        }

        @Override
        public void onUpstreamFailed(UpstreamFailure cause) {
            throw new AssertionError(cause);
        }
    }

    @BeforeEach
    void beginResponse() {
        channel.freezeTime();
        Upstream upstream = Upstream.install(channel, UpstreamPools.on(channel.eventLoop(), () -> 0));
        upstream.lease(Lease.Origin.NEW);
        upstream.begin(new Draining(upstream), false);
        receive("HTTP/1.1 401 Unauthorized\r\nContent-Length: 12\r\n\r\nUnauth");
    }

    private void receive(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
    }

    private void pass(long nanos) {
        channel.advanceTimeBy(nanos, TimeUnit.NANOSECONDS);
        channel.runScheduledPendingTasks();
    }

    @Test
    void theRemainderIsAwaitedForAlmostASecond() {
        // When
        pass(SECOND - 1);

        // Then
        assertThat(events).isEmpty();
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void aRemainderThatTakesASecondEndsTheConnection() {
        // When
        pass(SECOND);

        // Then
        assertThat(events).containsExactly("gone");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aRemainderThatArrivesInTimeKeepsTheConnection() {
        // Given
        receive("orized");

        // When
        pass(SECOND);

        // Then
        assertThat(events).containsExactly("drained");
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void aConnectionThatEndsIsReportedOnce() {
        // Given
        channel.close().syncUninterruptibly();

        // When
        pass(SECOND);

        // Then
        assertThat(events).containsExactly("gone");
    }
}
