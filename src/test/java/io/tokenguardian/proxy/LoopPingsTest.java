package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
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
    void loopsThatTurnAnswer() {
        assertThat(pings.allAnswer()).isTrue();
        now += LoopPings.LIMIT;
        await().until(pings::allAnswer);
    }

    @Test
    void aLoopThatIsStuckForTheLimitDoesNot() {
        block();
        pings.allAnswer();
        now += LoopPings.LIMIT - 1;
        assertThat(pings.allAnswer()).as("before the limit").isTrue();
        now += 1;
        assertThat(pings.allAnswer()).as("at the limit").isFalse();
    }

    @Test
    void aLoopThatTurnsAgainAnswersAgain() {
        block();
        pings.allAnswer();
        now += LoopPings.LIMIT;
        pings.allAnswer();
        stuck.countDown();
        await().until(pings::allAnswer);
    }

    @Test
    void aLoopThatHasEndedDoesNot() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        assertThat(pings.allAnswer()).isFalse();
    }
}
