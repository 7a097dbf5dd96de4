package io.tokenguardian.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.ScheduledFuture;
import io.tokenguardian.token.LogRecords;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LoggedTaskTest {

    @Test
    void aScheduledTaskThatFailsIsLoggedInOneLine() {
        EmbeddedChannel channel = new EmbeddedChannel();
        try (LogRecords log = LogRecords.of("io.tokenguardian")) {
            Runnable failing = () -> {
                throw new IllegalStateException("a task\nthat fails");
            };
            ScheduledFuture<?> scheduled = channel.eventLoop().schedule(new LoggedTask(failing), 1, TimeUnit.SECONDS);

            channel.advanceTimeBy(1, TimeUnit.SECONDS);
            channel.runScheduledPendingTasks();

            assertThat(scheduled.cause()).isInstanceOf(IllegalStateException.class);
            assertThat(log.lines())
                    .singleElement()
                    .asString()
                    .startsWith("ERROR task=failed java.lang.IllegalStateException: a task that fails"
                            + " (at concurrent.LoggedTaskTest.");
        }
    }
}
