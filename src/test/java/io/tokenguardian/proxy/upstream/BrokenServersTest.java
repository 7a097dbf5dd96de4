package io.tokenguardian.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import io.tokenguardian.guardian.TokenSource;
import io.tokenguardian.guardian.TokenSourceKeys;
import io.tokenguardian.proxy.ScriptedServer;
import io.tokenguardian.proxy.Tokens;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.token.Token;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How many connections are opened to servers that are broken or slow, and when requests fail, in simulated time. */
class BrokenServersTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration NANO = Duration.ofNanos(1);

    /** What becomes of a new connection. A failure and a response take a millisecond. */
    private enum Fate {
        REFUSED,
        UNTRUSTED,
        SILENT,
        ACCEPTED,
        /** Announces the end of the connection in its response. */
        ACCEPTED_LAST,
        /** Not the API server's response. */
        FAILED_LAST,
        NOT_YET_VALID,

        /** Connected when {@link #connectNext} is called. */
        SLOW
    }

    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final TokenSource source = new TokenSource();
    private final Token token = Tokens.issuedAt(NOW);
    private final List<Object> results = new ArrayList<>();
    private final Queue<Runnable> slow = new ArrayDeque<>();
    private Supplier<Fate> fate = () -> Fate.REFUSED;
    private int opened;
    private long nanos;

    private UpstreamContext context = context(() -> 0);
    private UpstreamPool pool = pool(UpstreamPools.MAX_CONNECTIONS);

    private UpstreamContext context(DoubleSupplier chance) {
        return UpstreamPools.context(source, answer -> {}, NOW, () -> nanos, chance);
    }

    private UpstreamPool pool(int most) {
        return new UpstreamPool(loop.eventLoop(), context, new Connector(), most, UpstreamPools.PER_SECOND);
    }

    @BeforeEach
    void useToken() {
        loop.freezeTime();
        TokenSourceKeys.use(source, token);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a simulated loop runs all its tasks
    private final class Connector extends UpstreamPools.BrokenConnector {
        @Override
        void connect(EventLoop eventLoop, UpstreamPool of, Outcome outcome) {
            opened++;
            Fate now = fate.get();
            switch (now) {
                case REFUSED, UNTRUSTED ->
                    soon(() -> outcome.failed(
                            new ConnectionFault(ProxyFault.UPSTREAM_UNREACHABLE, "failed", now == Fate.UNTRUSTED)));
                case SLOW -> slow.add(() -> outcome.connected(Upstream.install(channel(Fate.ACCEPTED), of)));
                default -> outcome.connected(Upstream.install(channel(now), of));
            }
        }

        private Channel channel(Fate proof) {
            return new EmbeddedChannel() {
                @Override
                public EventLoop eventLoop() {
                    return loop.eventLoop();
                }

                @Override
                protected void handleOutboundMessage(Object message) {
                    ReferenceCountUtil.release(message);
                    if (proof != Fate.SILENT) {
                        String head = switch (proof) {
                            case ACCEPTED -> "200 OK" + ScriptedServer.MARK;
                            case ACCEPTED_LAST -> "200 OK\r\nConnection: close" + ScriptedServer.MARK;
                            case FAILED_LAST -> "503 Service Unavailable\r\nConnection: close";
                            default -> "401 Unauthorized\r\nDate: Sun, 01 Mar 2026 11:00:00 GMT";
                        };
                        soon(() -> writeInbound(Unpooled.copiedBuffer(
                                "HTTP/1.1 " + head + "\r\nContent-Length: 2\r\n\r\n{}", StandardCharsets.US_ASCII)));
                    }
                }
            };
        }

        private void soon(Runnable task) {
            loop.eventLoop().schedule(task, 1, TimeUnit.MILLISECONDS);
        }
    }

    private void acquire(UpstreamPool from, int requests) {
        for (int i = 0; i < requests; i++) {
            from.acquire(new RecordedRequest(source::best, results));
        }
    }

    /** Completes the handshake of the connection that has waited longest. */
    private void connectNext() {
        Runnable next = slow.poll();
        if (next != null) {
            next.run();
        }
    }

    private void pass(Duration time) {
        long end = nanos + time.toNanos();
        for (long next = runDue(); next >= 0 && nanos + next <= end; next = runDue()) {
            advance(next);
        }
        advance(end - nanos);
    }

    /** Returns the time until the next task; negative for none. */
    private long runDue() {
        long next = 0;
        while (next == 0 || loop.hasPendingTasks()) {
            loop.runPendingTasks();
            next = loop.runScheduledPendingTasks();
        }
        return next;
    }

    private void advance(long time) {
        nanos += time;
        loop.advanceTimeBy(time, TimeUnit.NANOSECONDS);
    }

    private void emptyBudget() {
        while (context.budget().withdraw(nanos)) {
            // until it is empty
        }
    }

    // Failures

    @Test
    void aRequestFailsAfterThreeSecondsIfAllServersRefuse() {
        acquire(pool, 1);

        pass(Duration.ofSeconds(3).minus(NANO));
        assertThat(results).isEmpty();
        assertThat(opened).isBetween(3, 7);

        pass(NANO);
        runDue();

        assertThat(results).containsExactly(ProxyFault.UPSTREAM_UNREACHABLE);
    }

    @Test
    void aRequestFailsOnlyAfterThreeAttemptsSinceItsBeginning() {
        // Given a row of failures, in which each further attempt waits for two seconds
        acquire(pool, 1);
        pass(Duration.ofSeconds(20));
        acquire(pool, 1);
        pass(Duration.ofSeconds(20));
        results.clear();
        opened = 0;

        // When
        acquire(pool, 1);
        pass(Duration.ofSeconds(4));

        // Then
        assertThat(opened).isEqualTo(2);
        assertThat(results).isEmpty();
        pass(Duration.ofSeconds(1));
        assertThat(opened).isEqualTo(3);
        assertThat(results).hasSize(1);
    }

    @Test
    void eightCallersThatRepeatTheirRequestsAtOnceOpenFewConnections() {
        context = context(new Random(1)::nextDouble);
        List<UpstreamPool> loops = List.of(pool(100), pool(100));
        for (int i = 0; i < 150; i++) {
            loops.forEach(each -> acquire(each, results.size() < 4 ? 4 : 0));
            results.clear();
            pass(Duration.ofMillis(100));
            opened = i == 50 ? 0 : opened;
        }

        assertThat(opened).as("in ten seconds").isBetween(5, 30);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aRequestIsServedBesideDeadReplicas(int dead) {
        int failed = 0;
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            fate = () -> random.nextInt(3) < dead ? Fate.REFUSED : Fate.ACCEPTED;
            context = context(random::nextDouble);
            pool = pool(100);
            acquire(pool, 1);
            pass(Duration.ofSeconds(10));
            failed += results.contains(ProxyFault.UPSTREAM_UNREACHABLE) ? 1 : 0;
            results.clear();
        }

        assertThat(failed).isLessThanOrEqualTo(dead == 1 ? 0 : 30);
    }

    @Test
    void oneRequestFailsAtOnceIfAPersonMustFixTheCause() {
        fate = () -> Fate.UNTRUSTED;
        acquire(pool, 1);

        pass(Duration.ofMillis(1));
        runDue();

        assertThat(results).containsExactly(ProxyFault.UPSTREAM_UNREACHABLE);
    }

    @Test
    void aProvenConnectionEndsThePauseOfTheOtherEventLoop() {
        UpstreamPool other = pool(100);
        acquire(pool, 1);
        pass(Duration.ofMillis(1));
        runDue();
        assertThat(context.failures().opensIn(nanos)).isPositive();
        acquire(other, 1);
        assertThat(opened).isEqualTo(1);

        fate = () -> Fate.ACCEPTED;
        pass(Duration.ofMillis(150));

        assertThat(results).hasSize(2);
        assertThat(context.failures().opensIn(nanos)).isZero();
    }

    /** The server responds to each proof, and closes the connection when the request arrives. */
    private final class LosingRequest extends RecordedRequest {
        LosingRequest() {
            super(source::best, results);
        }

        @Override
        public void onLeased(Upstream upstream, @Nullable Token token, boolean asItIs) {
            upstream.onResponseLost();
            upstream.close();
            fail(ProxyFault.UPSTREAM_BROKE, null);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8})
    void callersWhoseResponsesAreLostOpenFewConnections(int callers) {
        fate = () -> Fate.ACCEPTED;
        context = context(new Random(1)::nextDouble);
        pool = pool(100);
        int most = callers == 1 ? 15 : 40;
        int failed = callers;
        for (int i = 0; i < 1_500; i++) {
            for (int j = 0; j < failed; j++) {
                pool.acquire(new LosingRequest());
            }
            results.clear();
            pass(Duration.ofMillis(10));
            failed = results.size();
            if (i == 500) {
                assertThat(opened).as("in five seconds").isBetween(5, most);
                opened = 0;
            }
        }

        assertThat(opened).as("in the next ten seconds").isBetween(5, 30);
    }

    @Test
    void theFirstResponseToARequestEndsThePauseAfterLostResponses() {
        fate = () -> Fate.ACCEPTED;
        pool.acquire(new LosingRequest());
        pass(Duration.ofMillis(1));
        runDue();
        assertThat(context.failures().opensIn(nanos)).isPositive();

        pool.acquire(new RecordedRequest(source::best, results) {
            @Override
            public void onLeased(Upstream upstream, @Nullable Token token, boolean asItIs) {
                upstream.onResponseBegun();
            }
        });
        pass(Duration.ofMillis(200));

        assertThat(context.failures().opensIn(nanos)).isZero();
    }

    // Silence

    @Test
    void aRequestFailsAfterTenSecondsIfNoServerResponds() {
        fate = () -> Fate.SLOW;
        acquire(pool, 1);

        pass(Duration.ofSeconds(10).minus(NANO));
        assertThat(results).isEmpty();

        pass(NANO);
        runDue();

        assertThat(results).containsExactly(ProxyFault.UPSTREAM_SILENT);
        assertThat(opened).isEqualTo(7);
    }

    @Test
    void anEmptyBudgetDelaysTheConnectionsBesideASilentOne() {
        fate = () -> Fate.SILENT;
        emptyBudget();
        acquire(pool, 1);
        Duration empty = Duration.ofNanos(context.budget().opensIn(nanos));
        assertThat(empty).isGreaterThan(Duration.ofNanos(Openings.HEDGE_AFTER));

        pass(empty.minus(NANO));
        assertThat(opened).isEqualTo(1);

        pass(NANO);
        runDue();

        assertThat(opened).isEqualTo(2);
    }

    @Test
    void aRequestHasItsFirstConnectionEvenIfTheBudgetIsEmpty() {
        fate = () -> Fate.ACCEPTED;
        emptyBudget();

        acquire(pool, 20);
        pass(Duration.ofMillis(2));
        runDue();

        assertThat(results).hasSize(20);
    }

    @Test
    void fiveRequestsThatGetAConnectionPayForAnother() {
        fate = () -> Fate.ACCEPTED;
        emptyBudget();

        acquire(pool, ConnectionBudget.REQUESTS);

        assertThat(context.budget().opensIn(nanos)).isZero();
    }

    @Test
    void anEmptyBudgetDelaysNoRequestToAServerThatClosesEach() {
        fate = () -> Fate.ACCEPTED_LAST;
        emptyBudget();

        acquire(pool, 20);
        pass(Duration.ofMillis(100));

        assertThat(results).hasSize(20);
        assertThat(opened).isLessThanOrEqualTo(60);
    }

    @Test
    void anEmptyBudgetDelaysRequestsToAFailingServerThatClosesEach() {
        fate = () -> Fate.FAILED_LAST;
        emptyBudget();

        acquire(pool, 1);
        pass(Duration.ofMillis(100));

        assertThat(opened).isEqualTo(1);
    }

    @Test
    void twoEventLoopsShareTheBudget() {
        fate = () -> Fate.SILENT;
        UpstreamPool other = pool(100);
        for (int i = 0; i < 6; i++) {
            acquire(i % 2 == 0 ? pool : other, 1);
            pass(Duration.ofSeconds(1));
        }

        assertThat(opened).isLessThanOrEqualTo(6 + ConnectionBudget.MOST + 2 * 6 + 1);
    }

    // Slowness

    /** Two handshakes a second, in order. Each of the 64 requests needs a connection, as watches do. */
    @Test
    void aSlowServerGetsFewConnectionsAndServesEachRequest() {
        fate = () -> Fate.SLOW;
        List<UpstreamPool> loops = List.of(pool, pool(100));
        for (int i = 0; i < 64; i++) {
            acquire(loops.get(i % 2), 1);
        }
        for (int i = 0; i < 10; i++) {
            pass(Duration.ofMillis(500));
            connectNext();
        }
        assertThat(opened).isLessThanOrEqualTo(80);

        for (int i = 10; i < 64; i++) {
            pass(Duration.ofMillis(500));
            connectNext();
        }
        pass(Duration.ofMillis(2));
        runDue();

        assertThat(results).hasSize(64).doesNotContain(ProxyFault.UPSTREAM_SILENT);
        assertThat(opened).isLessThanOrEqualTo(100);
    }

    @Test
    void aRequestThatASlowServerDoesNotReachFailsAfter40Seconds() {
        fate = () -> Fate.SLOW;
        acquire(pool, 50);
        for (int i = 0; i < 39; i++) {
            pass(Duration.ofSeconds(1));
            connectNext();
        }
        assertThat(results).doesNotContain(ProxyFault.UPSTREAM_SILENT);

        pass(Duration.ofSeconds(1));
        runDue();

        assertThat(results).hasSize(50).contains(ProxyFault.UPSTREAM_SILENT);
    }

    // The limit

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRequestThatAFullPoolHasNoPlaceForFailsAfterASecond(boolean limited) {
        // Given two requests that keep their connections
        if (limited) {
            TokenSourceKeys.usePartly(source, token);
        }
        fate = () -> Fate.ACCEPTED;
        pool = pool(2);
        acquire(pool, 2);
        pass(Duration.ofMillis(100));
        assertThat(results).hasSize(2);

        // When
        acquire(pool, 1);
        pass(Duration.ofSeconds(1).minus(NANO));
        assertThat(results).hasSize(2);
        pass(NANO);
        runDue();

        // Then
        assertThat(results).hasSize(3).contains(ProxyFault.OVERLOADED);
    }

    @Test
    void aReplicaThatWillAcceptLaterKeepsTheOthersRequestsWaiting() {
        fate = () -> opened % 2 == 1 ? Fate.NOT_YET_VALID : Fate.REFUSED;
        acquire(pool, 1);

        pass(Duration.ofMinutes(2));

        assertThat(results).isEmpty();
    }
}
