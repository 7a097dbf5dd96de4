package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.tokenguardian.concurrent.ThreadState;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoopPingsTest {

    private final EventLoopGroup loops = new NioEventLoopGroup(2);
    private final CountDownLatch stuck = new CountDownLatch(1);
    private long now;
    private final LoopPings pings = new LoopPings(loops, () -> now);

    @AfterEach
    void end() {
        stuck.countDown();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private boolean allAnswer() {
        return pings.threads().stream().allMatch(ThreadState::isHealthy);
    }

    private void block() {
        loops.next().execute(() -> {
            try {
                stuck.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Test
    void runningLoopsRespond() {
        assertThat(allAnswer()).isTrue();
        now += LoopPings.LIMIT;
        await().until(this::allAnswer);
    }

    @Test
    void aLoopThatIsStuckForTheLimitDoesNotRespond() {
        block();
        allAnswer();
        now += LoopPings.LIMIT - 1;
        assertThat(allAnswer()).as("before the limit").isTrue();
        now += 1;
        assertThat(allAnswer()).as("at the limit").isFalse();
    }

    @Test
    void aLoopThatRecoversRespondsAgain() {
        block();
        allAnswer();
        now += LoopPings.LIMIT;
        allAnswer();
        stuck.countDown();
        await().until(this::allAnswer);
    }

    @Test
    void aLoopThatHasEndedDoesNotRespond() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        assertThat(allAnswer()).isFalse();
    }
}
