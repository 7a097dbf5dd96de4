package io.tokenguardian.listener;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("FutureReturnValueIgnored") // an EmbeddedChannel does it at once
class ConnectionLimitTest {
    private static final int MOST = 4;

    private final EmbeddedChannel listener = new EmbeddedChannel(new ConnectionLimit(MOST));
    private final List<EmbeddedChannel> connections = new ArrayList<>();

    @AfterEach
    void end() {
        connections.forEach(EmbeddedChannel::finishAndReleaseAll);
        listener.finishAndReleaseAll();
    }

    @Test
    void oneLessThanTheMostLeavesRoom() {
        come(MOST - 1);

        assertThat(listener.config().isAutoRead()).isTrue();
        assertThat(connections).allMatch(EmbeddedChannel::isOpen);
    }

    @Test
    void theMostMakeTheEldestThatAsksForNothingMakeRoom() {
        come(MOST);

        assertThat(connections).extracting(EmbeddedChannel::isOpen).containsExactly(false, true, true, true);
        assertThat(listener.config().isAutoRead()).isTrue();
    }

    @Test
    void whoHasAskedIsNotMadeToMakeRoom() {
        come(2);
        ask(connections.get(0));

        come(MOST - 2);

        assertThat(connections).extracting(EmbeddedChannel::isOpen).containsExactly(true, false, true, true);
    }

    @Test
    void whereAllHaveAskedTheNextHasToWait() {
        come(MOST - 1);
        connections.forEach(ConnectionLimitTest::ask);

        come(1);

        assertThat(connections).allMatch(EmbeddedChannel::isOpen);
        assertThat(listener.config().isAutoRead()).isFalse();
    }

    @Test
    void theNextIsTakenWhenOneHasGone() {
        come(MOST - 1);
        connections.forEach(ConnectionLimitTest::ask);
        come(1);

        connections.get(1).close();

        assertThat(listener.config().isAutoRead()).isTrue();
    }

    @Test
    void whoHasGoneTakesNoRoom() {
        for (int i = 0; i < 3 * MOST; i++) {
            come(1);
            connections.get(i).close();
        }

        come(MOST - 1);

        assertThat(connections.subList(3 * MOST, connections.size())).allMatch(EmbeddedChannel::isOpen);
    }

    @Test
    void whatTheOtherEndDoesNotReadIsWaitedForTenSeconds() {
        come(1);
        EmbeddedChannel connection = connections.get(0);
        connection.freezeTime();
        connection.write(Unpooled.copiedBuffer("answer", US_ASCII));

        connection.advanceTimeBy(StalledAnswer.READ_WITHIN.toMillis() - 1, TimeUnit.MILLISECONDS);
        connection.runScheduledPendingTasks();
        assertThat(connection.isOpen()).isTrue();

        connection.advanceTimeBy(1, TimeUnit.MILLISECONDS);
        connection.runScheduledPendingTasks();
        assertThat(connection.isOpen()).isFalse();
    }

    private void come(int count) {
        for (int i = 0; i < count; i++) {
            EmbeddedChannel connection = new EmbeddedChannel();
            connections.add(connection);
            listener.writeInbound(connection);
        }
    }

    private static void ask(EmbeddedChannel connection) {
        connection.writeInbound(Unpooled.copiedBuffer("GET / HTTP/1.1\r\n\r\n", US_ASCII));
    }
}
