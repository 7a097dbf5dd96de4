package io.tokenguardian.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When idle connections end, in simulated time. */
class UpstreamPoolTest {

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private long now;
    private Upstream upstream;

    @BeforeEach
    void release() {
        channel.freezeTime();
        upstream = Upstream.install(channel, UpstreamPools.on(channel.eventLoop(), () -> now));
        upstream.lease(Lease.Origin.NEW).end(LeaseEnd.USED);
    }

    private IdleUpstreams noneIdle() {
        return new IdleUpstreams(channel.eventLoop(), () -> now);
    }

    /** Returns a connection of another pool, which has no idle timer for it. */
    private Upstream unusedSinceNow() {
        UpstreamPool pool = UpstreamPools.on(new EmbeddedChannel().eventLoop(), () -> now);
        Upstream released = Upstream.install(new EmbeddedChannel(), pool);
        released.lease(Lease.Origin.NEW).end(LeaseEnd.USED);
        return released;
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

    /** When its replica accepts, a parked connection is added after the other idle connections. */
    @Test
    void anIdleConnectionBeforeAYoungConnectionEndsAfter55SecondsToo() {
        // Given
        IdleUpstreams idle = noneIdle();
        Upstream old = unusedSinceNow();
        idle.add(old);
        pass(Duration.ofSeconds(50).toNanos());
        Upstream young = unusedSinceNow();
        idle.addLast(young);

        // When
        pass(Duration.ofSeconds(5).toNanos());

        // Then
        assertThat(old.channel().isOpen()).isFalse();
        assertThat(young.channel().isOpen()).isTrue();
    }

    /**
     * The idle timer of a parked connection starts when it is idle again. The connection may have been unused for
     * longer.
     */
    @Test
    void aConnectionUnusedFor80SecondsIsClosedInsteadOfUsed() {
        // Given
        IdleUpstreams idle = noneIdle();
        Upstream old = unusedSinceNow();
        now += 1;
        Upstream young = unusedSinceNow();
        now += Duration.ofSeconds(80).toNanos() - 1;
        idle.addLast(old);
        idle.addLast(young);

        // When
        Upstream used = idle.poll();

        // Then
        assertThat(used).isSameAs(young);
        assertThat(old.channel().isOpen()).isFalse();
    }

    @Test
    void theIdleTimeOfAConnectionStartsAgainAfterUse() {
        // Given
        pass(Duration.ofSeconds(54).toNanos());
        upstream.lease(Lease.Origin.IDLE).end(LeaseEnd.USED);

        // When
        pass(Duration.ofSeconds(55).toNanos() - 1);

        // Then
        assertThat(channel.isOpen()).isTrue();
    }
}
