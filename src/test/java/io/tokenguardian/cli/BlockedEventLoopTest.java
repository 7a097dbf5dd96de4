package io.tokenguardian.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.runtime.configuration.DurationConverter;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** What Vert.x logs if a throttled CPU starves an event loop, which looks the same as a blocked event loop. */
class BlockedEventLoopTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    /** Quarkus's default for {@code quarkus.vertx.max-event-loop-execute-time}. */
    private static final Duration REPORTED_AFTER = Duration.ofSeconds(2);

    @Test
    void anEventLoopThatStandsStillForTwoSecondsIsALineWithoutAStack() throws Exception {
        List<LogRecord> records = new CopyOnWriteArrayList<>();
        Logger logger = Logger.getLogger("io.vertx.core.impl.BlockedThreadChecker");
        Handler handler = handler(records);
        logger.addHandler(handler);
        CountDownLatch release = new CountDownLatch(1);
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setMaxEventLoopExecuteTimeUnit(TimeUnit.NANOSECONDS)
                .setMaxEventLoopExecuteTime(REPORTED_AFTER.toNanos())
                .setWarningExceptionTimeUnit(TimeUnit.NANOSECONDS)
                .setWarningExceptionTime(warningExceptionTime().toNanos()));
        try {
            vertx.runOnContext(nothing -> awaitUninterrupted(release));

            await().atMost(TIMEOUT).until(() -> !records.isEmpty());

            assertThat(records.get(0).getMessage()).contains("has been blocked for");
            assertThat(records.get(0).getThrown()).isNull();
        } finally {
            release.countDown();
            logger.removeHandler(handler);
            vertx.close().toCompletionStage().toCompletableFuture().get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private static Duration warningExceptionTime() throws IOException {
        String set = ApplicationProperties.read().getProperty("quarkus.vertx.warning-exception-time", "2s");
        return DurationConverter.parseDuration(set);
    }

    private static void awaitUninterrupted(CountDownLatch release) {
        try {
            release.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Handler handler(List<LogRecord> records) {
        return new Handler() {
            @Override
            public void publish(LogRecord record) {
                records.add(record);
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }
}
