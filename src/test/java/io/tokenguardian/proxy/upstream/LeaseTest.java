package io.tokenguardian.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.tokenguardian.guardian.TokenSource;
import io.tokenguardian.proxy.Tokens;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.token.Token;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A lease is returned once, whatever its request has observed before. */
class LeaseTest {

    private static final Token TOKEN = Tokens.issuedAt(Instant.parse("2026-03-01T12:00:00Z"));
    private static final TokenRefusal REFUSAL = TokenRefusal.forAnotherReason(TOKEN, 0);

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final UpstreamPool pool = UpstreamPools.on(channel.eventLoop(), () -> 0);
    private final Upstream upstream = Upstream.install(channel, pool);
    private final List<Lease> later = new ArrayList<>();

    private final class Request extends PlainRequest {
        Request() {
            super(new TokenSource());
        }

        @Override
        public void onLeased(Lease lease) {
            later.add(lease);
        }

        @Override
        public void fail(ProxyFault fault, @Nullable String detail) {
            throw new AssertionError(fault + " " + detail);
        }

        @Override
        public void onLeaseWaits() {}
    }

    /** Begins to open the lease's connection and one other connection. */
    @BeforeEach
    void beginTwo() {
        channel.freezeTime();
        pool.search().begun(false);
        pool.search().begun(false);
    }

    private void assertOneIsUnderWay() {
        assertThat(pool.search().isConnecting()).isTrue();
        pool.search().ended();
        assertThat(pool.search().isConnecting()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(LeaseEnd.class)
    void anEndIsCountedOnce(LeaseEnd end) {
        Lease lease = upstream.lease(Lease.Origin.NEW);
        lease.end(end);
        lease.end(LeaseEnd.USED);
        lease.end(LeaseEnd.FAILED);
        assertOneIsUnderWay();
    }

    @ParameterizedTest
    @EnumSource(LeaseEnd.class)
    void anAcceptanceAndTheEndAreCountedOnce(LeaseEnd end) {
        Lease lease = upstream.lease(Lease.Origin.NEW);
        lease.tokenAccepted(TOKEN);
        lease.end(end);
        assertOneIsUnderWay();
    }

    @ParameterizedTest
    @EnumSource(LeaseEnd.class)
    void aRefusalAndTheEndAreCountedOnce(LeaseEnd end) {
        Lease lease = upstream.lease(Lease.Origin.NEW);
        lease.tokenRefused(REFUSAL);
        lease.end(end);
        assertOneIsUnderWay();
    }

    @Test
    void aBrokenConnectionEndsTheLease() {
        Lease lease = upstream.lease(Lease.Origin.NEW);
        channel.close().syncUninterruptibly();
        lease.end(LeaseEnd.USED);
        assertOneIsUnderWay();
    }

    @Test
    void aLateEndDoesNotAffectTheNextLease() {
        Lease lease = upstream.lease(Lease.Origin.NEW);
        lease.passTo(new Request());
        lease.end(LeaseEnd.FAILED);
        assertThat(channel.isOpen()).isTrue();
        assertThat(later).hasSize(1);
        assertOneIsUnderWay();
    }

    @Test
    void aRefusalInALaterLeaseStartsNoSearch() {
        upstream.lease(Lease.Origin.NEW).passTo(new Request());
        Lease next = later.get(0);
        next.tokenRefused(REFUSAL);
        next.end(LeaseEnd.REFUSED);
        assertThat(pool.search().isSearching()).isFalse();
        assertOneIsUnderWay();
    }
}
