package io.tokenguardian.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.token.Token;
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
        pool = UpstreamPools.on(channel.eventLoop(), () -> now);
        upstream = Upstream.install(channel, pool);
        pool.release(upstream);
    }

    /** Unused connections are closed when another connection has been used. */
    private void useAnother() {
        pool.release(Upstream.install(new EmbeddedChannel(), pool));
    }

    @Test
    void aConnectionUnusedForLessThan55SecondsStaysOpen() {
        now += Connections.MOST_UNUSED - 1;
        useAnother();

        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void aConnectionUnusedFor55SecondsIsClosed() {
        now += Connections.MOST_UNUSED;
        useAnother();

        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void theIdleTimeOfAConnectionStartsAgainAfterUse() {
        // Given
        now += 1;
        pool.acquire(new Once());

        // When
        now += Connections.MOST_UNUSED - 1;
        useAnother();

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
        public void onHeld(String reason, @Nullable Finding refusal) {}

        @Override
        public void fail(ProxyFault fault, @Nullable String detail) {}
    }
}
