package io.tokenguardian.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.tokenguardian.guardian.TokenSource;
import io.tokenguardian.guardian.TokenSourceKeys;
import io.tokenguardian.proxy.Tokens;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests that wait for an upstream, in simulated time. Opening a new connection fails at once. */
class LeaseWaitTest {

    private static final long MILLISECOND = Duration.ofMillis(1).toNanos();
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final Instant ISSUED = Instant.parse("2026-03-01T12:00:00Z");

    private final Token old = Tokens.issuedAt(ISSUED);
    private final Token newer = Tokens.issuedAt(ISSUED.plusSeconds(600));
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private long now;
    private final UpstreamPool pool = UpstreamPools.on(channel.eventLoop(), () -> now);
    private final Upstream upstream = Upstream.install(channel, pool);
    private final TokenSource source = new TokenSource();

    LeaseWaitTest() {
        TokenSourceKeys.usePartly(source, newer);
    }

    @BeforeEach
    void anotherConnectionIsInUse() {
        channel.freezeTime();
        pool.search().countAccepting(1);
    }

    /** A request that keeps its leases. */
    private class Request extends PlainRequest {
        int leases;
        boolean failed;
        boolean whole = true;

        Request() {
            super(source);
        }

        @Override
        public void onLeased(Lease lease) {
            leases++;
        }

        @Override
        public void fail(ProxyFault fault, @Nullable String detail) {
            failed = true;
        }

        @Override
        public void onLeaseWaits() {}

        @Override
        public boolean isWhole() {
            return whole;
        }
    }

    private void pass(long nanos) {
        now += nanos;
        channel.advanceTimeBy(nanos, TimeUnit.NANOSECONDS);
        channel.runPendingTasks();
        channel.runScheduledPendingTasks();
    }

    private static TokenRefusal refusal(Token token, long until) {
        return TokenRefusal.notYetValid(token, new ValidityStart(until - 100 * MILLISECOND, until), until);
    }

    @Test
    void aSlowResponseOverAParkedConnectionDoesNotStopOthers() {
        // Given
        Lease refused = upstream.lease(Lease.Origin.NEW);
        refused.tokenRefused(refusal(newer, SECOND));
        refused.end(LeaseEnd.REFUSED);
        Request slow = new Request();
        pass(SECOND - 10 * MILLISECOND);
        pool.acquire(slow);
        pass(10 * MILLISECOND);
        assertThat(slow.leases).isEqualTo(1);

        // When
        Request other = new Request();
        pool.acquire(other);
        pass(ReplicaSearch.PATIENCE);

        // Then a connection is tried for the other request
        assertThat(other.failed).isTrue();
    }

    @Test
    void theRefusalOfATokenThatIsNoLongerSentCausesNoRetry() {
        // Given
        Lease refused = upstream.lease(Lease.Origin.NEW);
        refused.tokenRefused(refusal(old, SECOND));
        upstream.tokens().choose(List.of(newer), () -> 0);
        refused.tokenRefused(refusal(newer, 60 * SECOND));
        refused.end(LeaseEnd.REFUSED);
        pool.tokenAccepted(); // accepted by another replica
        pass(5 * SECOND);
        Request request = new Request();

        // When
        pool.acquire(request);
        pass(ReplicaSearch.PATIENCE - MILLISECOND);

        // Then
        assertThat(request.leases).isZero();
    }

    @Test
    void probesBeginAtOnceWhenTheLastAcceptingConnectionEnds() {
        // Given
        AtomicInteger connects = new AtomicInteger();
        UpstreamPool searching = UpstreamPools.counting(channel.eventLoop(), () -> now, connects);
        Upstream accepting = Upstream.install(new EmbeddedChannel(), searching);
        accepting.lease(Lease.Origin.NEW).tokenAccepted(newer);
        Upstream.install(new EmbeddedChannel(), searching)
                .lease(Lease.Origin.NEW)
                .tokenRefused(TokenRefusal.forAnotherReason(newer, now));
        for (int i = 0; i <= UpstreamPools.PER_SECOND; i++) {
            searching.acquire(new Request());
        }
        pass(ReplicaSearch.PATIENCE);
        assertThat(connects).hasValue(UpstreamPools.PER_SECOND);

        // When
        accepting.channel().close().syncUninterruptibly();
        pass(0);

        // Then
        assertThat(connects).hasValue(UpstreamPools.PER_SECOND + ReplicaSearch.SIDE_BY_SIDE);
    }

    /** Otherwise, requests that are incomplete for a short time could delay an earlier request for any time. */
    @Test
    void aRequestThatBecomesWholeDoesNotDelayAnEarlierRequest() {
        // Given
        Request earlier = new Request();
        afterAnIncompleteRequest(earlier, later -> {
            later.whole = true;
            pool.becameWhole(later);
        });

        // When
        pass(ReplicaSearch.PATIENCE / 2);

        // Then a connection is tried for the earlier request
        assertThat(earlier.failed).isTrue();
    }

    @Test
    void aRequestThatIsCancelledDoesNotDelayAnEarlierRequest() {
        // Given
        Request earlier = new Request();
        afterAnIncompleteRequest(earlier, pool::cancel);

        // When
        pass(ReplicaSearch.PATIENCE / 2);

        // Then a connection is tried for the earlier request
        assertThat(earlier.failed).isTrue();
    }

    /** Lets {@code earlier} wait, then an incomplete request, whose turn it is. Then ends that turn by {@code end}. */
    private void afterAnIncompleteRequest(Request earlier, Consumer<Request> end) {
        pool.acquire(new Request());
        pass(ReplicaSearch.PATIENCE);
        pool.acquire(earlier);
        pass(ReplicaSearch.PATIENCE / 2);
        Request incomplete = new Request();
        incomplete.whole = false;
        pool.acquire(incomplete);
        end.accept(incomplete);
    }
}
