package io.tokenguardian.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.tokenguardian.guardian.TokenSource;
import io.tokenguardian.guardian.TokenSourceKeys;
import io.tokenguardian.proxy.ScriptedServer;
import io.tokenguardian.proxy.Tokens;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.replica.Search;
import io.tokenguardian.token.Token;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Servers that take connections and do not respond to proofs, in simulated time. */
class HedgeTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    /** A refusal by a replica whose clock is right. */
    private static final String TOO_EARLY = "401 Unauthorized\r\nDate: Sun, 01 Mar 2026 12:00:00 GMT";

    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final List<EmbeddedChannel> opened = new ArrayList<>();
    private final List<Object> results = new ArrayList<>();
    private final TokenSource source = new TokenSource();
    private final List<Upstream> leased = new ArrayList<>();

    /** The token to send although it is refused; null for none. */
    private @Nullable Token refused;

    private long nanos;
    private final UpstreamPool pool = UpstreamPools.on(
            loop.eventLoop(),
            UpstreamPools.context(source, answer -> {}, NOW, () -> nanos),
            new UpstreamPools.BrokenConnector() {
                @Override
                void connect(EventLoop eventLoop, UpstreamPool of, Outcome outcome) {
                    EmbeddedChannel channel =
                            new SimulatedChannel(loop.eventLoop(), ByteBufAllocator.DEFAULT, ByteBuf::release);
                    opened.add(channel);
                    outcome.connected(Upstream.install(channel, of));
                }
            });

    private final class Request extends RecordedRequest {
        Request() {
            super(() -> refused == null ? source.best() : refused, results);
        }

        @Override
        public void onLeased(Upstream upstream, @Nullable Token token, boolean asItIs) {
            super.onLeased(upstream, token, asItIs);
            leased.add(upstream);
        }
    }

    private final WaitingRequest request = new Request();

    @BeforeEach
    void acquire() {
        loop.freezeTime();
        TokenSourceKeys.use(source, Tokens.issuedAt(NOW));
        pool.acquire(request);
        assertThat(opened).hasSize(1);
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
        loop.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
        loop.runScheduledPendingTasks();
        loop.runPendingTasks();
    }

    private static void respond(EmbeddedChannel channel, String statusAndHeaders) {
        channel.writeInbound(Unpooled.copiedBuffer(
                "HTTP/1.1 " + statusAndHeaders + "\r\nContent-Length: 2\r\n\r\n{}", StandardCharsets.US_ASCII));
    }

    @Test
    void twoMoreConnectionsAreOpenedAfter250Milliseconds() {
        pass(Duration.ofMillis(250).minusNanos(1));
        assertThat(opened).hasSize(1);

        pass(Duration.ofNanos(1));

        assertThat(opened).hasSize(3);
    }

    @Test
    void fourMoreConnectionsAreOpenedAfter500Milliseconds() {
        pass(Duration.ofMillis(250));
        pass(Duration.ofMillis(250).minusNanos(1));
        assertThat(opened).hasSize(3);

        pass(Duration.ofNanos(1));

        assertThat(opened).hasSize(7);
    }

    @Test
    void theRequestGetsTheConnectionThatIsProvenFirst() {
        pass(Duration.ofMillis(250));

        respond(opened.get(2), "200 OK" + ScriptedServer.MARK);

        assertThat(results).containsExactly(opened.get(2));
    }

    @Test
    void aConnectionThatIsProvenLaterServesTheNextRequest() {
        pass(Duration.ofMillis(250));
        respond(opened.get(2), "200 OK" + ScriptedServer.MARK);
        respond(opened.get(0), "200 OK" + ScriptedServer.MARK);

        pool.acquire(request);

        assertThat(results).containsExactly(opened.get(2), opened.get(0));
    }

    @Test
    void aRequestDoesNotRelyOnOlderConnectionsThatAreSilent() {
        pass(Duration.ofMillis(250));
        respond(opened.get(2), "200 OK" + ScriptedServer.MARK);
        pass(Duration.ofMillis(250));

        pool.acquire(request);

        assertThat(opened).hasSize(4);
    }

    private void acquireTwelveMore() {
        for (int i = 0; i < 12; i++) {
            pool.acquire(new Request());
        }
    }

    @Test
    void manySilentConnectionsAreReplacedEightAtATime() {
        acquireTwelveMore();
        pass(Duration.ofMillis(50));
        respond(opened.get(0), "200 OK" + ScriptedServer.MARK);

        pass(Duration.ofMillis(250));

        assertThat(opened).hasSize(13 + 8);
    }

    @Test
    void manyRequestsBesideASilentServerGetTwoMoreConnections() {
        acquireTwelveMore();

        pass(Duration.ofMillis(250));
        assertThat(opened).hasSize(13 + 2);

        pass(Duration.ofMillis(250));
        assertThat(opened).hasSize(13 + 2 + 4);
    }

    @Test
    void slowConnectionsAreNotReplacedOnceTheServerResponds() {
        acquireTwelveMore();
        pass(Duration.ofMillis(250));

        respond(opened.get(0), "200 OK" + ScriptedServer.MARK);

        assertThat(results).hasSize(1);
        assertThat(opened).hasSize(13 + 2);
    }

    @Test
    void aServerThatTakesASecondGetsMoreConnectionsAfterFourSeconds() {
        acquireTwelveMore();
        pass(Duration.ofMillis(500));
        pass(Duration.ofMillis(500));
        respond(opened.get(0), "200 OK" + ScriptedServer.MARK);
        int before = opened.size();

        pass(Duration.ofSeconds(4).minusNanos(1));
        assertThat(opened).hasSize(before);

        pass(Duration.ofNanos(1));

        assertThat(opened).hasSizeGreaterThan(before);
    }

    @Test
    void aProofIsGivenUpAfter5Seconds() {
        pass(Duration.ofSeconds(5).minusNanos(1));
        assertThat(opened.get(0).isOpen()).isTrue();

        pass(Duration.ofNanos(1));

        assertThat(opened.get(0).isOpen()).isFalse();
    }

    @Test
    void theRequestFailsIfNoProofGetsAResponse() {
        pass(Duration.ofMillis(250));
        pass(Duration.ofMillis(250));

        pass(Duration.ofSeconds(5));

        assertThat(results).containsExactly(ProxyFault.UPSTREAM_SILENT);
    }

    @Test
    void aResponseThatShowsNothingCarriesTheRequestUnproven() {
        respond(opened.get(0), "503 Service Unavailable");

        assertThat(results).containsExactly(opened.get(0));
        assertThat(opened.get(0).isOpen()).isTrue();
    }

    @Test
    void aRequestThatHasLeftOpensNoMoreConnections() {
        pool.cancel(request);

        pass(Duration.ofMillis(500));

        assertThat(opened).hasSize(1);
    }

    @Test
    void requestsThatAllReplicasRefuseShareSixteenConnections() {
        // Given
        refused = source.best();
        TokenSourceKeys.use(source, null);
        for (int i = 0; i < 40; i++) {
            pool.acquire(new Request());
        }
        assertThat(opened).hasSize(16);

        // When
        pool.release(leased.get(0));

        // Then
        assertThat(leased).hasSize(16);
        assertThat(leased.get(15)).isSameAs(leased.get(0));
        assertThat(opened).hasSize(16);
    }

    @Test
    void aTokenThatIsUsableAgainBringsItsConnectionBack() {
        // Given a replica that accepts one token, and refuses the token that is then used in its place
        Token accepted = source.best();
        respond(opened.get(0), "200 OK" + ScriptedServer.MARK);
        TokenSourceKeys.use(source, Tokens.issuedAt(NOW.minusSeconds(60)));
        pool.release(leased.get(0));
        pool.acquire(request);
        respond(opened.get(0), "401 Unauthorized");

        // When
        TokenSourceKeys.use(source, accepted);
        pool.recheckWaiting();
        respond(opened.get(0), "200 OK" + ScriptedServer.MARK);

        // Then
        assertThat(results).containsExactly(opened.get(0), opened.get(0));
    }

    @Test
    void aWaitingConnectionIsProvenWithTheTokenThatItHasNotRefused() {
        // Given a connection without a usable token, and a replica that refuses a token as not yet valid
        Token refusedToken = Tokens.issuedAt(NOW.plusSeconds(70));
        Token newest = Tokens.issuedAt(NOW.plusSeconds(10));
        respond(opened.get(0), "200 OK" + ScriptedServer.MARK);
        TokenSourceKeys.use(source, refusedToken);
        pool.acquire(request);
        respond(opened.get(1), TOO_EARLY);
        respond(opened.get(2), "200 OK" + ScriptedServer.MARK);
        leased.get(1).close();
        pool.release(leased.get(0));
        opened.stream().skip(3).forEach(EmbeddedChannel::finish);
        TokenSourceKeys.usePartly(source, newest, refusedToken);
        pass(Duration.ofSeconds(11));

        // When
        pool.acquire(request);
        pass(Duration.ZERO);
        respond(opened.get(1), "200 OK" + ScriptedServer.MARK);

        // Then
        assertThat(leased.get(2).channel()).isSameAs(opened.get(1));
        assertThat(leased.get(2).accepts(List.of(newest))).isTrue();
    }

    @Test
    void aConnectionThatCarriesARequestUnprovenIsOneOfTheSearch() {
        // Given a search that pauses, and a replica that closes its connection after a proof that shows nothing
        TokenSourceKeys.use(source, Tokens.issuedAt(NOW.plusSeconds(3_600)));
        pool.acquire(new Request());
        for (int i = 0; i < Search.AT_ONCE; i++) {
            respond(opened.get(i), TOO_EARLY);
        }
        pass(Duration.ofMillis(100));
        respond(opened.get(Search.AT_ONCE), "503 Service Unavailable\r\nConnection: close");

        // When
        pass(Duration.ofMillis(200));

        // Then
        assertThat(results).containsExactly(opened.get(Search.AT_ONCE + 1));
        assertThat(opened).hasSize(Search.AT_ONCE + 2);
    }

    @Test
    void aConnectionWaitsOnAfterAProofThatShowsNothing() {
        // Given a replica whose clock is three seconds short of accepting the token
        respond(opened.get(0), "401 Unauthorized\r\nDate: Sun, 01 Mar 2026 11:58:57 GMT");
        pass(Duration.ofSeconds(2));

        // When
        respond(opened.get(0), "503 Service Unavailable");

        // Then
        assertThat(opened.get(0).isActive()).isTrue();
        assertThat(results).isEmpty();
    }
}
