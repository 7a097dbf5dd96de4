package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.tokenguardian.proxy.caller.CallerHandler;
import io.tokenguardian.proxy.caller.LoopCallers;
import io.tokenguardian.proxy.upstream.UpstreamPool;
import io.tokenguardian.proxy.upstream.UpstreamPools;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A connection is opened shortly before held requests can continue. */
class ConnectionAheadTest {

    private ScriptedServer server;
    private RunningProxy proxy;

    @BeforeEach
    void start() throws IOException {
        server = ScriptedServer.answering("200 OK", "yes");
        proxy = RunningProxy.before(server);
    }

    @AfterEach
    void close() throws IOException {
        proxy.close();
        server.close();
    }

    /** Tests with a real proxy. */
    @Nested
    class Held {
        private final Token token = Tokens.issuedAt(Instant.parse("2026-01-01T00:00:00Z"));
        private final Instant now = Instant.now();

        private void acceptableIn(Duration time) {
            proxy.knowing(
                    new Verdict.NotYetValid("10.96.0.1:443", null, now, now.plus(time), now.plus(time), null),
                    token,
                    now);
        }

        @Test
        void theRequestGoesOverTheConnectionThatWasOpenedAhead() throws IOException {
            acceptableIn(Duration.ZERO);
            try (RawCaller caller = proxy.call()) {
                caller.get("/", "");
                await().until(() -> proxy.proxy().counters().upstreamConnections() == 1);
                assertThat(proxy.counters().heldNow()).isEqualTo(1);

                proxy.using(token);

                assertThat(caller.readAnswer()).startsWith("HTTP/1.1 200 ");
                assertThat(server.connections()).isEqualTo(1);
            }
        }

        @Test
        void severalHeldRequestsShareOneConnectionOpenedAhead() throws IOException {
            acceptableIn(Duration.ZERO);
            try (RawCaller first = proxy.call();
                    RawCaller second = proxy.call()) {
                first.get("/", "");
                await().until(() -> server.connections() == 1);

                second.get("/", "");

                await().until(() -> proxy.counters().heldNow() == 2);
                assertThat(server.connections()).isEqualTo(1);
            }
        }
    }

    /** Tests in simulated time. */
    @Nested
    class Timed {
        private final EmbeddedChannel channel = new EmbeddedChannel();
        private final AtomicInteger connects = new AtomicInteger();
        private Optional<Duration> untilUsable = Optional.of(Duration.ofSeconds(10));
        private UpstreamPool pool;

        @BeforeEach
        void hold() {
            pool = UpstreamPools.counting(channel.eventLoop(), () -> untilUsable, connects);
            channel.freezeTime();
            new CallerHandler(proxy.proxy().context(), new LoopCallers(UpstreamPools.stateOf(pool)), channel).install();
            channel.writeInbound(
                    Unpooled.copiedBuffer("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", StandardCharsets.UTF_8));
        }

        @AfterEach
        void closeChannel() {
            channel.finishAndReleaseAll();
        }

        private void pass(Duration time) {
            channel.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
            channel.runScheduledPendingTasks();
        }

        @Test
        void noConnectionIsOpenedMoreThanTwoSecondsAhead() {
            pass(Duration.ofSeconds(8).minusNanos(1));

            assertThat(connects).hasValue(0);
        }

        @Test
        void aConnectionIsOpenedTwoSecondsAhead() {
            pass(Duration.ofSeconds(8));

            assertThat(connects).hasValue(1);
        }

        @Test
        void aLaterAcceptanceTimeDelaysTheConnection() {
            untilUsable = Optional.of(Duration.ofSeconds(20));
            pool.recheckWaiting();

            pass(Duration.ofSeconds(18).minusNanos(1));

            assertThat(connects).hasValue(0);
        }

        @Test
        void noConnectionIsOpenedAheadIfTheAcceptanceTimeIsUnknown() {
            untilUsable = Optional.empty();
            pool.recheckWaiting();

            pass(Duration.ofSeconds(10));

            assertThat(connects).hasValue(0);
        }

        @Test
        void noConnectionIsOpenedAheadForACallerThatHasLeft() {
            channel.pipeline().fireChannelInactive(); // close() would itself end all timers

            pass(Duration.ofSeconds(10));

            assertThat(connects).hasValue(0);
        }
    }
}
