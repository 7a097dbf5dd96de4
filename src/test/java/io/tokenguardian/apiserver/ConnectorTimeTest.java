package io.tokenguardian.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.tokenguardian.apiserver.ConnectFailure.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When attempts begin, and which attempt goes on. The time and the TCP connections are simulated. */
class ConnectorTimeTest {
    private static final Path CA = new TestAuthority("test").file();
    private static final ApiServerAddress ADDRESS = new ApiServerAddress("api.test", 6443, "api.test");
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final String SERVICE = "10.96.0.1";
    private static final ConnectFailure SILENCE =
            new ConnectFailure(Kind.SILENT, "no connection to api.test:6443 within 5 s");

    /** The owner of the simulated event loop. */
    private final EmbeddedChannel loop = new EmbeddedChannel();

    private final List<SimulatedChannel> tried = new ArrayList<>();
    private final List<Channel> opened = new ArrayList<>();
    private final List<Channel> connected = new ArrayList<>();
    private final List<ConnectFailure> failures = new ArrayList<>();
    private boolean socketsAreUsedUp;
    private long millis;

    @BeforeEach
    void freezeTime() {
        loop.freezeTime();
    }

    private void connect(String... addresses) {
        connect(LIMIT, Connector.PROBE_ATTEMPTS, addresses);
    }

    private void connect(Duration limit, int attempts, String... addresses) {
        TlsSetup tls = new TlsSetup(ADDRESS, new CertificateAuthority(CA), limit, true, null);
        Connector connector =
                new Connector(ADDRESS, tls, host -> ConnectorTest.addresses(addresses), Runnable::run, attempts);
        connector.connect(
                new Bootstrap().group(loop.eventLoop()).channelFactory(this::newChannel), new Connector.Outcome() {
                    @Override
                    public void opened(Channel channel) {
                        opened.add(channel);
                    }

                    @Override
                    public void connected(Channel channel) {
                        connected.add(channel);
                    }

                    @Override
                    public void failed(ConnectFailure failure) {
                        failures.add(failure);
                    }
                });
        runTasks();
    }

    private Channel newChannel() {
        if (socketsAreUsedUp) {
            throw new ChannelException("too many open files");
        }
        SimulatedChannel channel = new SimulatedChannel();
        tried.add(channel);
        return channel;
    }

    private void runTasks() {
        do {
            loop.runPendingTasks();
        } while (loop.hasPendingTasks());
    }

    private void advanceTo(long until) {
        while (millis < until) {
            millis++;
            loop.advanceTimeBy(1, TimeUnit.MILLISECONDS);
            runTasks();
        }
    }

    private void establish(int attempt) {
        tried.get(attempt).establish();
        runTasks();
    }

    private void refuse(int attempt) {
        tried.get(attempt).refuse();
        runTasks();
    }

    private void close(int attempt) {
        tried.get(attempt).close().syncUninterruptibly();
        runTasks();
    }

    private void completeHandshake(int attempt) {
        tried.get(attempt).pipeline().fireUserEventTriggered(SslHandshakeCompletionEvent.SUCCESS);
    }

    private List<String> targets() {
        return tried.stream().map(SimulatedChannel::target).toList();
    }

    private List<Boolean> areOpen() {
        return tried.stream().map(Channel::isOpen).toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void theAttemptThatHasATcpConnectionFirstWins(int winner) {
        connect(SERVICE);
        advanceTo(250);

        establish(winner);
        completeHandshake(winner);

        assertThat(connected).containsExactly(tried.get(winner));
        assertThat(areOpen()).containsExactly(winner == 0, winner == 1);
        advanceTo(10_000);
        assertThat(failures).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {250, 500, 2000})
    void anAttemptBeginsEvery250Milliseconds(int at) {
        connect(SERVICE);
        advanceTo(at - 1);
        int before = tried.size();

        advanceTo(at);

        assertThat(tried).hasSize(before + 1).isEqualTo(opened);
    }

    @Test
    void atMostNineAttemptsAreSilentSideBySide() {
        connect(Duration.ofMinutes(1), Connector.PROBE_ATTEMPTS, SERVICE);

        advanceTo(59_999);

        assertThat(tried).hasSize(9);
        assertThat(failures).isEmpty();
    }

    @Test
    void eachAddressIsTriedEvenIfOneAttemptIsEnough() {
        connect(LIMIT, 1, "10.0.0.1", "10.0.0.2");

        advanceTo(4999);

        assertThat(targets()).containsExactly("10.0.0.1", "10.0.0.2");
    }

    @Test
    void anAttemptWithoutASocketEndsNothing() {
        connect(SERVICE);
        socketsAreUsedUp = true;
        advanceTo(250);

        establish(0);
        completeHandshake(0);

        assertThat(connected).containsExactly(tried.get(0));
        assertThat(failures).isEmpty();
    }

    @Test
    void silenceIsReportedOnceWhenTheTimeIsUp() {
        connect(SERVICE);
        advanceTo(4999);
        assertThat(failures).isEmpty();

        advanceTo(10_000);

        assertThat(failures).containsExactly(SILENCE);
        assertThat(areOpen()).containsOnly(false);
    }

    @Test
    void aRefusalIsFollowedByTheNextAttemptAtOnce() {
        connect(SERVICE);
        advanceTo(250);

        refuse(1);

        assertThat(areOpen()).containsExactly(true, false, true);
        assertThat(failures).isEmpty();
    }

    @Test
    void anAttemptFollowsTheLastAttemptAfterADelay() {
        connect(SERVICE);
        advanceTo(200);
        refuse(0);

        advanceTo(449);
        assertThat(tried).hasSize(2);
        advanceTo(450);

        assertThat(tried).hasSize(3);
    }

    @Test
    void theFirstFailureIsReportedOnceIfAllFail() {
        connect("10.0.0.1", "10.0.0.2");

        for (int attempt = 0; attempt < 9; attempt++) {
            assertThat(failures).isEmpty();
            refuse(attempt);
        }
        advanceTo(10_000);

        assertThat(failures)
                .containsExactly(
                        new ConnectFailure(Kind.REFUSED, "no connection to api.test:6443: Connection refused"));
        assertThat(tried).hasSize(9);
    }

    @Test
    void aRefusalBeforeTheSilenceIsReported() {
        connect(SERVICE);
        refuse(0);

        advanceTo(5000);

        assertThat(failures).extracting(ConnectFailure::kind).containsExactly(Kind.REFUSED);
    }

    @Test
    void aSlowHandshakeGetsNoSecondConnection() {
        connect(SERVICE);
        advanceTo(249);
        establish(0);

        advanceTo(5248);

        assertThat(tried).hasSize(1);
        assertThat(failures).isEmpty();
    }

    @Test
    void aHandshakeThatFailsIsFollowedByTheNextAttempt() {
        connect("10.0.0.1", "10.0.0.2");
        advanceTo(250);
        establish(1);

        close(1);

        assertThat(targets()).containsExactly("10.0.0.1", "10.0.0.2", "10.0.0.1");
        assertThat(areOpen()).containsExactly(false, false, true);
    }

    @Test
    void noAttemptFollowsAHandshakeThatFailsAfterTheTimeIsUp() {
        connect(SERVICE);
        advanceTo(1);
        establish(0);
        advanceTo(5000);
        assertThat(failures).isEmpty();

        close(0);

        assertThat(tried).hasSize(1);
        assertThat(failures).extracting(ConnectFailure::kind).containsExactly(Kind.REFUSED);
    }

    @Test
    void aFinalFailureEndsAllAttempts() {
        connect(SERVICE);
        advanceTo(250);

        close(0); // by this side

        assertThat(failures)
                .containsExactly(new ConnectFailure(Kind.FINAL, "no connection to api.test:6443: closed by this side"));
        assertThat(areOpen()).containsExactly(false, false);
        advanceTo(10_000);
        assertThat(tried).hasSize(2);
    }
}
