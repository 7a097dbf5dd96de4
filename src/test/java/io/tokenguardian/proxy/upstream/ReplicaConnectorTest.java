package io.tokenguardian.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.tokenguardian.apiserver.ApiServer;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.guardian.TokenSource;
import io.tokenguardian.guardian.TokenSourceKeys;
import io.tokenguardian.proxy.Tokens;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The addresses of new connections with discovered replicas, in simulated time. */
class ReplicaConnectorTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final String SERVICE = "service";
    private static final Instant ISSUED = Instant.parse("2026-03-01T12:00:00Z");

    private final Token old = Tokens.issuedAt(ISSUED);
    private final Token token = Tokens.issuedAt(ISSUED.plusSeconds(600));
    private final TokenSource source = new TokenSource();
    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final List<ApiServer.Discovered> discovered = new ArrayList<>();
    private final Set<String> unreachable = new HashSet<>();
    private final Set<String> silent = new HashSet<>();
    private final List<String> tried = new ArrayList<>();
    private final List<Runnable> underWay = new ArrayList<>();
    private final FakeReplica a = new FakeReplica("10.0.0.1");
    private final FakeReplica b = new FakeReplica("10.0.0.2");
    private final FakeReplica c = new FakeReplica("10.0.0.3");
    private final ReplicaConnector connector =
            new ReplicaConnector(new FakeConnector(SERVICE), () -> List.copyOf(discovered), () -> this.now, () -> 0);
    private final UpstreamPool pool = UpstreamPools.on(loop.eventLoop(), () -> this.now, connector);
    private long now;

    ReplicaConnectorTest() {
        TokenSourceKeys.usePartly(source, token);
        discovered.addAll(List.of(a, b, c));
    }

    private static final class FakeReplica implements ApiServer.Discovered {
        private final ApiServerAddress address;
        final Set<Token> accepted = new HashSet<>();

        FakeReplica(String host) {
            address = new ApiServerAddress(host, 6443, "kubernetes");
        }

        @Override
        public ApiServerAddress address() {
            return address;
        }

        @Override
        public boolean accepts(Token asked) {
            return accepted.contains(asked);
        }
    }

    /** Records the host, and connects or fails: at once, or for a silent host when {@link #underWay} is run. */
    private final class FakeConnector extends UpstreamPools.BrokenConnector {
        private final String host;

        FakeConnector(String host) {
            this.host = host;
        }

        @Override
        UpstreamConnector to(ApiServerAddress address, Duration atMost) {
            return new FakeConnector(address.host());
        }

        @Override
        void connect(EventLoop eventLoop, UpstreamPool of, Outcome outcome) {
            tried.add(host);
            if (silent.contains(host)) {
                underWay.add(() -> outcome.failed(new ConnectionFault(ProxyFault.UPSTREAM_SILENT, host, false)));
            } else if (unreachable.contains(host)) {
                outcome.failed(new ConnectionFault(ProxyFault.UPSTREAM_UNREACHABLE, host, false));
            } else {
                outcome.connected(Upstream.install(new EmbeddedChannel(), of));
            }
        }
    }

    private final class Request extends PlainRequest {
        private @Nullable Lease leased;

        @Nullable
        String failure;

        Request() {
            super(source);
        }

        Lease leased() {
            return Objects.requireNonNull(leased, "not leased");
        }

        @Override
        public void onLeased(Lease lease) {
            leased = lease;
        }

        @Override
        public void fail(ProxyFault fault, @Nullable String detail) {
            failure = detail;
        }

        @Override
        public void onLeaseWaits() {}
    }

    private void accept(Token accepted, FakeReplica... replicas) {
        for (FakeReplica replica : replicas) {
            replica.accepted.add(accepted);
        }
    }

    private Request connect() {
        Request request = new Request();
        pool.acquire(request);
        return request;
    }

    /** Opens this many new connections, and returns the addresses that they try. */
    private List<String> connect(int times) {
        tried.clear();
        for (int i = 0; i < times; i++) {
            connect();
        }
        return tried;
    }

    private static TokenRefusal notYet(Token refused, long latest) {
        return TokenRefusal.notYetValid(refused, new ValidityStart(latest - SECOND, latest), latest);
    }

    @Test
    void newConnectionsGoToTheReplicasInTurn() {
        accept(token, a, b, c);
        assertThat(connect(6)).containsExactly("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.1", "10.0.0.2", "10.0.0.3");
    }

    @Test
    void eachEventLoopBeginsAtARandomReplica() {
        accept(token, a, b, c);
        ReplicaConnector other =
                new ReplicaConnector(new FakeConnector(SERVICE), () -> List.copyOf(discovered), () -> now, () -> 0.99);
        UpstreamPools.on(loop.eventLoop(), () -> now, other).acquire(new Request());
        assertThat(tried).containsExactly("10.0.0.3");
    }

    @Test
    void noConnectionGoesToAReplicaThatIsNotKnownToAccept() {
        accept(token, a, c);
        assertThat(connect(4)).containsExactly("10.0.0.1", "10.0.0.3", "10.0.0.1", "10.0.0.3");
    }

    @Test
    void aReplicaThatBeginsToAcceptGetsItsTurn() {
        accept(token, a, c);
        connect(2);
        accept(token, b);
        assertThat(connect(3)).containsExactlyInAnyOrder("10.0.0.1", "10.0.0.2", "10.0.0.3");
    }

    @Test
    void aReplicaThatAcceptsAnotherUsableTokenGetsThatToken() {
        TokenSourceKeys.usePartly(source, token, old);
        accept(old, b);
        Upstream leased = connect().leased().upstream();
        assertThat(tried).containsExactly("10.0.0.2");
        assertThat(leased.tokens().choose(List.of(token, old), () -> now)).isEqualTo(old);
    }

    @Test
    void aReplicaGetsTheBestOfTheTokensThatItAccepts() {
        TokenSourceKeys.usePartly(source, token, old);
        accept(old, b);
        accept(token, b);
        Upstream leased = connect().leased().upstream();
        assertThat(leased.tokens().choose(List.of(token, old), () -> now)).isEqualTo(token);
    }

    @Test
    void connectionsGoToTheServiceIfNoReplicaIsKnownToAccept() {
        assertThat(connect(1)).containsExactly(SERVICE);
    }

    @Test
    void connectionsGoToTheServiceIfNoReplicaIsDiscovered() {
        discovered.clear();
        assertThat(connect(1)).containsExactly(SERVICE);
    }

    @Test
    void connectionsAreNotLimitedWhileAReplicaIsKnownToAccept() {
        accept(token, a);
        assertThat(connect(50)).hasSize(50).containsOnly("10.0.0.1");
    }

    /** The other requests wait a little for the first connection. */
    @Test
    void theSearchBehindTheServiceIsLimited() {
        assertThat(connect(50)).hasSize(1);
    }

    @Test
    void aReplicaThatLeavesTheListGetsNoConnection() {
        accept(token, a, b, c);
        connect(1);
        discovered.remove(b);
        assertThat(connect(4)).containsOnly("10.0.0.1", "10.0.0.3").hasSize(4);
    }

    @Test
    void aConnectionToAReplicaThatLeftTheListStaysInUse() {
        accept(token, a);
        Lease leased = connect().leased();
        leased.tokenAccepted(token);
        leased.end(LeaseEnd.USED);
        discovered.clear();
        connect();
        assertThat(tried).containsExactly("10.0.0.1");
    }

    @Test
    void aConnectionThatFailsGoesToTheNextReplica() {
        accept(token, a, b);
        unreachable.add("10.0.0.1");
        assertThat(connect(1)).containsExactly("10.0.0.1", "10.0.0.2");
    }

    @Test
    void aConnectionGoesToTheServiceIfAllReplicasFail() {
        accept(token, a, b, c);
        unreachable.addAll(List.of("10.0.0.1", "10.0.0.2", "10.0.0.3"));
        Request request = connect();
        assertThat(tried).containsExactly("10.0.0.1", "10.0.0.2", "10.0.0.3", SERVICE);
        assertThat(request.leased().upstream().channel().isActive()).isTrue();
    }

    @Test
    void aRequestGetsAConnectionThatBecameIdleWhileReplicasWereTried() {
        accept(token, a, b);
        Lease other = connect().leased();
        silent.addAll(List.of("10.0.0.1", "10.0.0.2"));
        Request request = connect();
        other.end(LeaseEnd.USED);
        while (!underWay.isEmpty()) {
            failWhatIsUnderWay();
        }
        assertThat(request.leased().upstream()).isSameAs(other.upstream());
    }

    /** Otherwise, the request would try again and again, without a pause, until a connection ends. */
    @Test
    void aRequestFailsDuringASearchIfNoMoreConnectionsAreAllowed() {
        accept(token, a, b);
        refuse(notYet(token, 60 * SECOND));
        connect(UpstreamPools.MAX_CONNECTIONS);
        assertThat(connect().failure).contains("already has 100 connections");
    }

    /** The pause after the first failure ends before the last replica has failed. */
    @Test
    void aRequestTriesEachReplicaOnce() {
        accept(token, a, b, c);
        silent.addAll(List.of("10.0.0.1", "10.0.0.2", "10.0.0.3"));
        connect();
        while (!underWay.isEmpty()) {
            now += 4 * SECOND;
            failWhatIsUnderWay();
        }
        assertThat(tried).containsExactly("10.0.0.1", "10.0.0.2", "10.0.0.3", SERVICE);
    }

    @Test
    void theServiceSearchIsLimitedAlsoAfterUnreachableReplicas() {
        accept(token, a);
        silent.add("10.0.0.1");
        connect(50);
        now = 2 * SECOND;
        tried.clear();
        failWhatIsUnderWay();
        assertThat(tried).containsOnly(SERVICE).hasSize(20);
    }

    @Test
    void onlyOneConnectionAtATimeTriesAnAddressAgain() {
        tryAgainAfterAFailure();
        now = 4 * SECOND;
        assertThat(connect(1)).containsExactly(SERVICE);
    }

    @Test
    void thePauseStartsAgainAfterASecondFailure() {
        tryAgainAfterAFailure();
        now = 4 * SECOND;
        failWhatIsUnderWay();
        now = 6 * SECOND - 1;
        List<String> before = List.copyOf(connect(1));
        now = 6 * SECOND;
        List<String> at = connect(1);
        assertThat(before).containsExactly(SERVICE);
        assertThat(at).containsExactly("10.0.0.1");
    }

    /** Starts a second connection to the only accepting address, after the pause that follows its failure. */
    private void tryAgainAfterAFailure() {
        TokenSourceKeys.use(source, token); // so that the service has no limit of connections
        accept(token, a);
        unreachable.add("10.0.0.1");
        connect(1);
        silent.add("10.0.0.1");
        now = SECOND;
        connect(1);
    }

    private void failWhatIsUnderWay() {
        List<Runnable> ending = List.copyOf(underWay);
        underWay.clear();
        ending.forEach(Runnable::run);
    }

    @Test
    void aFailureOfTheServiceIsReportedAfterFailuresOfAllReplicas() {
        accept(token, a);
        unreachable.addAll(List.of("10.0.0.1", SERVICE));
        assertThat(connect().failure).isEqualTo(SERVICE);
    }

    @Test
    void anAddressThatFailsIsSkippedForASecond() {
        TokenSourceKeys.use(source, token); // so that the service has no limit of connections
        accept(token, a);
        unreachable.add("10.0.0.1");
        connect(1);
        now = SECOND - 1;
        assertThat(connect(1)).containsExactly(SERVICE);
    }

    @Test
    void aSingleConnectionTriesAFailedAddressAgainAfterASecond() {
        TokenSourceKeys.use(source, token); // so that the service has no limit of connections
        accept(token, a);
        unreachable.add("10.0.0.1");
        connect(1);
        now = SECOND;
        assertThat(connect(2)).containsExactly("10.0.0.1", SERVICE, SERVICE);
    }

    @Test
    void theTimeForWhichAnAddressIsSkippedDoublesUpToAMinute() {
        TokenSourceKeys.use(source, token); // so that the service has no limit of connections
        accept(token, a);
        unreachable.add("10.0.0.1");
        List<Long> seconds = new ArrayList<>();
        long last = 0;
        for (long second = 0; second <= 250; second++) {
            now = second * SECOND;
            tried.clear();
            connect().leased().end(LeaseEnd.FAILED);
            if (tried.size() == 2) {
                seconds.add(second - last);
                last = second;
            }
        }
        assertThat(seconds).containsExactly(0L, 1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L, 60L);
    }

    @Test
    void aReachedAddressHasNoFailuresAnyMore() {
        accept(token, a);
        unreachable.add("10.0.0.1");
        connect(1);
        unreachable.clear();
        now = SECOND;
        assertThat(connect(3)).containsOnly("10.0.0.1").hasSize(3);
    }

    @Test
    void connectionsThatFailTogetherAreCountedOnce() {
        DirectReplica replica = new DirectReplica(a, new FakeConnector("10.0.0.1"), () -> now, () -> 0);
        accept(token, a);
        for (int i = 0; i < 50; i++) {
            replica.failed(0);
        }
        now = SECOND;
        assertThat(replica.isOpenTo(List.of(token))).isTrue();
    }

    @Test
    void aRefusingReplicaGetsNoConnectionUntilItsAcceptanceTime() {
        accept(token, a, b);
        refuse(notYet(token, 60 * SECOND));
        now = 60 * SECOND - 1;
        assertThat(connect(2)).containsOnly("10.0.0.2").hasSize(2);
    }

    @Test
    void aReplicaGetsConnectionsFromItsAcceptanceTimeOnward() {
        accept(token, a, b);
        refuse(notYet(token, 60 * SECOND));
        now = 60 * SECOND;
        assertThat(connect(2)).containsExactlyInAnyOrder("10.0.0.1", "10.0.0.2");
    }

    @Test
    void aReplicaWhoseProbesAreRefusedGetsNoConnection() {
        accept(token, a, b);
        refuse(notYet(token, 60 * SECOND));
        a.accepted.clear();
        now = 60 * SECOND;
        assertThat(connect(2)).containsOnly("10.0.0.2").hasSize(2);
    }

    /** The replica's clock may have been set since the refusal, and the guardian's probes will show this. */
    @Test
    void aDistantAcceptanceTimeExcludesAReplicaForAMinute() {
        accept(token, a, b);
        refuse(notYet(token, 3600 * SECOND));
        now = DirectReplica.REFUSED_FOR - 1;
        List<String> before = List.copyOf(connect(2));
        now = DirectReplica.REFUSED_FOR;
        List<String> at = connect(2);
        assertThat(before).containsOnly("10.0.0.2");
        assertThat(at).containsExactlyInAnyOrder("10.0.0.1", "10.0.0.2");
    }

    @Test
    void anExpiredTokenExcludesAReplicaForAMinute() {
        accept(token, a, b);
        refuse(TokenRefusal.forAnotherReason(token, now));
        now = DirectReplica.REFUSED_FOR - 1;
        List<String> before = List.copyOf(connect(2));
        now = DirectReplica.REFUSED_FOR;
        List<String> at = connect(2);
        assertThat(before).containsOnly("10.0.0.2");
        assertThat(at).containsExactlyInAnyOrder("10.0.0.1", "10.0.0.2");
    }

    /** Opens a connection to the first replica, which refuses the token. */
    private void refuse(TokenRefusal refusal) {
        Lease leased = connect().leased();
        leased.tokenRefused(refusal);
        leased.end(LeaseEnd.FAILED); // otherwise this connection would be used again at the acceptance time
    }

    @Test
    void theServiceIsSearchedIfTheOnlyAcceptingReplicaRefuses() {
        accept(token, a);
        refuse(notYet(token, 60 * SECOND));
        tried.clear();
        connect();
        loop.runScheduledPendingTasks();
        assertThat(tried).isNotEmpty().containsOnly(SERVICE);
    }
}
