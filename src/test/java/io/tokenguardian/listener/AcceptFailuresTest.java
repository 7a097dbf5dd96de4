package io.tokenguardian.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.embedded.EmbeddedChannel;
import io.tokenguardian.token.LogRecords;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AcceptFailuresTest {
    private final EmbeddedChannel listener = new EmbeddedChannel(new AcceptFailures());

    @Test
    void noConnectionIsAcceptedForASecond() {
        listener.freezeTime();
        listener.pipeline().fireExceptionCaught(noFiles());

        after(AcceptFailures.PAUSE.toMillis() - 1);
        assertThat(listener.config().isAutoRead()).isFalse();

        after(1);
        assertThat(listener.config().isAutoRead()).isTrue();
    }

    @Test
    void allListenersTogetherLogALineASecondWithoutAStackTrace() {
        EmbeddedChannel other = new EmbeddedChannel(new AcceptFailures());
        try (LogRecords records = LogRecords.of(AcceptFailures.class.getName())) {
            for (int i = 0; i < 100; i++) {
                listener.pipeline().fireExceptionCaught(noFiles());
                other.pipeline().fireExceptionCaught(noFiles());
            }

            List<String> lines = records.lines();
            assertThat(lines).hasSizeLessThanOrEqualTo(2).allMatch(line -> line.contains("Too many open files"));
        }
    }

    @Test
    void anotherFailureIsPassedOn() {
        listener.pipeline().fireExceptionCaught(new IllegalStateException("a bug"));

        assertThatThrownBy(listener::checkException).hasMessage("a bug");
        assertThat(listener.config().isAutoRead()).isTrue();
    }

    private static IOException noFiles() {
        return new IOException("Too many open files");
    }

    private void after(long millis) {
        listener.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        listener.runScheduledPendingTasks();
    }
}
