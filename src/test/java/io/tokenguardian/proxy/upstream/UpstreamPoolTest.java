package io.tokenguardian.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When idle connections end, in simulated time. */
class UpstreamPoolTest {

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private long now;
    private UpstreamPool pool;
    private Upstream upstream;

    @BeforeEach
    void release() {
        channel.freezeTime();
        pool = UpstreamPools.on(channel.eventLoop(), () -> now);
        upstream = Upstream.install(channel, pool);
        pool.release(upstream);
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
    void theIdleTimeOfAConnectionStartsAgainAfterUse() {
        // Given
        pass(Duration.ofSeconds(54).toNanos());
        pool.acquire(new Once());

        // When
        pass(Duration.ofSeconds(55).toNanos() - 1);

        // Then
        assertThat(channel.isOpen()).isTrue();
    }

    /** Uses a connection, and gives it back. */
    private final class Once implements WaitingRequest {
        @Override
        public boolean ownCredential() {
            return true;
        }

        @Override
        public @Nullable Token unprovenToken() {
            return null;
        }

        @Override
        public boolean mayUseProofOf(long provenAt) {
            return true;
        }

        @Override
        public void onLeased(Upstream leased, @Nullable Token token, boolean asItIs) {
            pool.release(leased);
        }

        @Override
        public void onHeld(@Nullable Finding refusal) {}

        @Override
        public void fail(ProxyFault fault, @Nullable String detail) {}
    }
}
