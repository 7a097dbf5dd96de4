package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.CertificateAuthority;
import io.tokenguardian.apiserver.Connector;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When idle connections end, in simulated time. */
class UpstreamPoolTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private long now;
    private Http1Upstream upstream;

    @BeforeEach
    void release() {
        channel.freezeTime();
        ApiServerAddress address = new ApiServerAddress("127.0.0.1", 6443, "127.0.0.1");
        Connector connector = Connector.resuming(address, new CertificateAuthority(Path.of("none")), TIMEOUT);
        UpstreamPool pool = new UpstreamPool(
                channel.eventLoop(),
                new UpstreamConnector(connector, Keepalive.DEFAULT, new ProxyCounters()),
                Http2Mode.NEVER,
                () -> now,
                100,
                new BufferShare(),
                new ProxyLog());
        upstream = Http1Upstream.install(channel, pool);
        upstream.release(true);
    }

    private void pass(long nanos) {
        now += nanos;
        channel.advanceTimeBy(nanos, TimeUnit.NANOSECONDS);
        channel.runPendingTasks();
        channel.runScheduledPendingTasks();
    }

    @Test
    void anIdleConnectionStaysForLessThan55Seconds() {
        // When
        pass(Duration.ofSeconds(55).toNanos() - 1);

        // Then
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void anIdleConnectionEndsAfter55Seconds() {
        // When
        pass(Duration.ofSeconds(55).toNanos());

        // Then
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aConnectionThatWasUsedMeanwhileStartsAnew() {
        // Given
        pass(Duration.ofSeconds(54).toNanos());
        upstream.release(true);

        // When
        pass(Duration.ofSeconds(55).toNanos() - 1);

        // Then
        assertThat(channel.isOpen()).isTrue();
    }
}
