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

@SuppressWarnings("FutureReturnValueIgnored") // an EmbeddedChannel completes at once
class ConnectionLimitTest {
    private static final int MOST = 4;

    private final SilentConnections silent = new SilentConnections();
    private final ConnectionLimit limit = new ConnectionLimit(MOST, silent::closeOldest);
    private final EmbeddedChannel listener = new EmbeddedChannel(limit, silent);
    private final List<EmbeddedChannel> connections = new ArrayList<>();

    @AfterEach
    void end() {
        connections.forEach(EmbeddedChannel::finishAndReleaseAll);
        listener.finishAndReleaseAll();
    }

    @Test
    void connectionsUpToTheLimitStayOpen() {
        connect(MOST);

        assertThat(connections).allMatch(EmbeddedChannel::isOpen);
        assertThat(listener.config().isAutoRead()).isTrue();
    }

    @Test
    void aConnectionAboveTheLimitReplacesTheOldestIdleConnection() {
        connect(MOST + 1);

        assertThat(connections).extracting(EmbeddedChannel::isOpen).containsExactly(false, true, true, true, true);
        assertThat(listener.config().isAutoRead()).isTrue();
    }

    @Test
    void aConnectionWithARequestIsNotReplaced() {
        connect(2);
        request(connections.get(0));

        connect(MOST - 1);

        assertThat(connections).extracting(EmbeddedChannel::isOpen).containsExactly(true, false, true, true, true);
    }

    @Test
    void aBusyListenerAcceptsOneMoreConnectionAndThenPauses() {
        connect(MOST);
        connections.forEach(ConnectionLimitTest::request);

        connect(1);
        request(connections.get(MOST));

        assertThat(connections).allMatch(EmbeddedChannel::isOpen);
        assertThat(listener.config().isAutoRead()).isFalse();
    }

    @Test
    void theNextConnectionIsAcceptedAfterAnotherHasClosed() {
        fillWithBusyOnes();

        connections.get(1).close();

        assertThat(listener.config().isAutoRead()).isTrue();
    }

    @Test
    void allListenersPauseAndResume() {
        EmbeddedChannel other = new EmbeddedChannel(limit);
        fillWithBusyOnes();
        other.writeInbound(new EmbeddedChannel());
        connections.get(0).close();
        assertThat(other.config().isAutoRead()).isFalse();
        assertThat(listener.config().isAutoRead()).isFalse();

        connections.get(1).close();

        assertThat(other.config().isAutoRead()).isTrue();
        assertThat(listener.config().isAutoRead()).isTrue();
    }

    @Test
    void roomIsRequestedAgainEvery100Milliseconds() {
        List<String> asked = new ArrayList<>();
        EmbeddedChannel busy = new EmbeddedChannel(new ConnectionLimit(0, () -> asked.add("for room")));
        busy.freezeTime();
        busy.writeInbound(new EmbeddedChannel());
        assertThat(asked).hasSize(1);

        busy.advanceTimeBy(ConnectionLimit.RETRY_INTERVAL.toMillis() - 1, TimeUnit.MILLISECONDS);
        busy.runScheduledPendingTasks();
        assertThat(asked).hasSize(1);

        busy.advanceTimeBy(1, TimeUnit.MILLISECONDS);
        busy.runScheduledPendingTasks();
        assertThat(asked).hasSize(2);
    }

    @Test
    void roomIsNotRequestedAfterAConnectionHasClosed() {
        List<String> asked = new ArrayList<>();
        EmbeddedChannel connection = new EmbeddedChannel();
        EmbeddedChannel busy = new EmbeddedChannel(new ConnectionLimit(0, () -> asked.add("for room")));
        busy.freezeTime();
        busy.writeInbound(connection);
        connection.close();

        busy.advanceTimeBy(10 * ConnectionLimit.RETRY_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        busy.runScheduledPendingTasks();

        assertThat(asked).hasSize(1);
    }

    @Test
    void aCloseWaitsTenSecondsForAPeerThatDoesNotRead() {
        connect(1);
        EmbeddedChannel connection = connections.get(0);
        connection.freezeTime();
        connection.write(Unpooled.copiedBuffer("answer", US_ASCII));

        connection.advanceTimeBy(ResponseTimeoutHandler.WRITE_TIMEOUT.toMillis() - 1, TimeUnit.MILLISECONDS);
        connection.runScheduledPendingTasks();
        assertThat(connection.isOpen()).isTrue();

        connection.advanceTimeBy(1, TimeUnit.MILLISECONDS);
        connection.runScheduledPendingTasks();
        assertThat(connection.isOpen()).isFalse();
    }

    /** Opens one busy connection more than the limit. This connection is accepted too. */
    private void fillWithBusyOnes() {
        connect(MOST);
        connections.forEach(ConnectionLimitTest::request);
        connect(1);
        request(connections.get(MOST));
    }

    private void connect(int count) {
        for (int i = 0; i < count; i++) {
            EmbeddedChannel connection = new EmbeddedChannel();
            connections.add(connection);
            listener.writeInbound(connection);
        }
    }

    private static void request(EmbeddedChannel connection) {
        connection.writeInbound(Unpooled.copiedBuffer("GET / HTTP/1.1\r\n\r\n", US_ASCII));
    }
}
