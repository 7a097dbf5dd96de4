package io.tokenguardian.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.runtime.configuration.DurationConverter;
import io.tokenguardian.token.LogRecords;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What Vert.x logs if a throttled CPU starves an event loop, which looks the same as a blocked event loop. */
class BlockedEventLoopTest {
    /** Quarkus's default for {@code quarkus.vertx.max-event-loop-execute-time}. */
    private static final Duration REPORTED_AFTER = Duration.ofSeconds(2);

    @Test
    void anEventLoopThatStandsStillForTwoSecondsIsALineWithoutAStack() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setMaxEventLoopExecuteTimeUnit(TimeUnit.NANOSECONDS)
                .setMaxEventLoopExecuteTime(REPORTED_AFTER.toNanos())
                .setWarningExceptionTimeUnit(TimeUnit.NANOSECONDS)
                .setWarningExceptionTime(warningExceptionTime().toNanos()));
        try (LogRecords log = LogRecords.of("io.vertx.core.impl.BlockedThreadChecker")) {
            vertx.runOnContext(nothing -> awaitUninterrupted(release));

            await().until(() -> !log.lines().isEmpty());

            assertThat(log.lines().get(0)).contains("has been blocked for");
            assertThat(log.thrown()).isEmpty();
        } finally {
            release.countDown();
            vertx.close().toCompletionStage().toCompletableFuture().get();
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
}
