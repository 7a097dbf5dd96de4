package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.tokenguardian.proxy.ProxySettings.Http2Mode;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When idle connections end, in simulated time. */
class UpstreamPoolTest {

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private long now;
    private Http1Upstream upstream;

    @BeforeEach
    void release() {
        channel.freezeTime();
        upstream = Http1Upstream.install(channel, UpstreamPools.on(channel.eventLoop(), () -> now));
        upstream.release(true);
    }

    private IdleUpstreams noneIdle() {
        return new IdleUpstreams(channel.eventLoop(), () -> now, new SharedHttp2Connections(Http2Mode.NEVER));
    }

    /** A connection of another pool, which keeps no timer for it. */
    private Http1Upstream unusedSinceNow() {
        UpstreamPool pool = UpstreamPools.on(new EmbeddedChannel().eventLoop(), () -> now);
        Http1Upstream released = Http1Upstream.install(new EmbeddedChannel(), pool);
        released.release(true);
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

    /** A parked connection is put behind the others when its replica accepts. */
    @Test
    void anIdleConnectionBeforeAYoungerOneEndsAfter55SecondsToo() {
        // Given
        IdleUpstreams idle = noneIdle();
        Http1Upstream old = unusedSinceNow();
        idle.add(old);
        pass(Duration.ofSeconds(50).toNanos());
        Http1Upstream young = unusedSinceNow();
        idle.addLast(young);

        // When
        pass(Duration.ofSeconds(5).toNanos());

        // Then
        assertThat(old.channel().isOpen()).isFalse();
        assertThat(young.channel().isOpen()).isTrue();
    }

    /** The timer of one that was parked begins when it comes back: it may be older than that. */
    @Test
    void aConnectionThatWasUnusedFor80SecondsIsClosedInsteadOfUsed() {
        // Given
        IdleUpstreams idle = noneIdle();
        Http1Upstream old = unusedSinceNow();
        now += 1;
        Http1Upstream young = unusedSinceNow();
        now += Duration.ofSeconds(80).toNanos() - 1;
        idle.addLast(old);
        idle.addLast(young);

        // When
        Http1Upstream used = idle.poll();

        // Then
        assertThat(used).isSameAs(young);
        assertThat(old.channel().isOpen()).isFalse();
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
