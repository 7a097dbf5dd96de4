package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpMethod;
import io.tokenguardian.proxy.ProxyCounters.ResponseCount;
import io.tokenguardian.proxy.request.RetryReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxyCountersTest {
    private final ProxyCounters counters = new ProxyCounters();

    @ParameterizedTest
    @CsvSource({
        "GET, 200, GET, 2xx",
        "PATCH, 299, PATCH, 2xx",
        "POST, 101, POST, 1xx",
        "DELETE, 300, DELETE, 3xx",
        "HEAD, 404, HEAD, 4xx",
        "PUT, 599, PUT, 5xx",
        "OPTIONS, 999, OPTIONS, 5xx",
        "BREW, 0, other, 1xx",
        "get, 200, other, 2xx",
    })
    void aResponseIsCountedByMethodAndStatusClass(String method, int status, String label, String statusClass) {
        counters.response(HttpMethod.valueOf(method), status);

        assertThat(counters.responses()).containsExactly(new ResponseCount(label, statusClass, 1));
    }

    @Test
    void unknownMethodsShareOneSeries() {
        for (int i = 0; i < 1_000; i++) {
            counters.response(HttpMethod.valueOf("M" + i), 200);
        }

        assertThat(counters.responses()).containsExactly(new ResponseCount("other", "2xx", 1_000));
    }

    @Test
    void retriesAreCountedByReasonAndInTotal() {
        counters.retry(RetryReason.NOT_YET_VALID);
        counters.retry(RetryReason.EXPIRED);
        counters.retry(RetryReason.EXPIRED);

        assertThat(counters.retries())
                .hasSize(RetryReason.values().length)
                .containsEntry(RetryReason.NOT_YET_VALID.word(), 1L)
                .containsEntry(RetryReason.EXPIRED.word(), 2L)
                .containsEntry(RetryReason.CONNECTION_LOST.word(), 0L);
        assertThat(counters.snapshot().retries()).isEqualTo(3);
    }

    @Test
    void aConnectionIsCountedWhileItIsOpen() {
        EmbeddedChannel channel = new EmbeddedChannel();

        counters.upstreamConnected(channel);
        assertThat(counters.upstreamConnections()).isEqualTo(1);

        channel.close().syncUninterruptibly();
        assertThat(counters.upstreamConnections()).isZero();
    }
}
