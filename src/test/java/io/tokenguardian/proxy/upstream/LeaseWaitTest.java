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
}
