package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenguardian.HangDetector;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.apiserver.CertificateAuthority;
import io.tokenguardian.guardian.TokenSource;
import io.tokenguardian.guardian.TokenSourceKeys;
import io.tokenguardian.guardian.TokenStatus;
import io.tokenguardian.guardian.TokenStatuses;
import io.tokenguardian.guardian.WaitAdvisor;
import io.tokenguardian.proxy.upstream.UpstreamPools;
import io.tokenguardian.status.Explanation;
import io.tokenguardian.token.TestTokens;
import io.tokenguardian.token.Token;
import io.tokenguardian.verdict.Verdict;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A proxy on a free port with one event loop. A test can fill its token source. {@link LeakCheck} runs after the class.
 */
final class RunningProxy implements AutoCloseable {

    static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    /** How long a refusal must last until it is known that waiting can't help. */
    private static final Duration REFUSAL_STANDS = Duration.ofSeconds(1);

    private final TokenSource tokenSource = new TokenSource();
    private final WaitAdvisor waitAdvisor = new WaitAdvisor(
            REFUSAL_STANDS,
            InstantSource.system(),
            (status, now) -> Explanation.of(status, now).sentence());
    /** The observations for the guardian. */
    final RecordingObserver observer = new RecordingObserver();

    private final LocalProxy proxy;
    private final List<SocketAddress> addresses;

    RunningProxy(ApiServerAddress address, CertificateAuthority authority, SettingsDraft draft) throws IOException {
        LeakCheck.afterThisClass();
        proxy = new LocalProxy(
                draft.settings(),
                tokenSource,
                waitAdvisor,
                observer,
                address,
                authority,
                draft.capacity,
                draft.threads,
                InstantSource.system(),
                draft.nanoTime,
                () -> 0.9); // pauses of 5, 10, 20 ms
        addresses = proxy.start().stream().map(BoundListener::address).toList();
    }

    /** Starts a proxy for {@code server}. {@code change} is applied to the default settings. */
    static RunningProxy before(ScriptedServer server, UnaryOperator<SettingsDraft> change) throws IOException {
        return new RunningProxy(server.address(), server.authority(), change.apply(new SettingsDraft()));
    }

    static RunningProxy before(ScriptedServer server) throws IOException {
        return before(server, draft -> draft);
    }

    RunningProxy using(@Nullable Token token) {
        TokenSourceKeys.use(tokenSource, token);
        return this;
    }

    /** Uses tokens that only some replicas accept, the best first. */
    RunningProxy usingPartly(Token... usable) {
        TokenSourceKeys.usePartly(tokenSource, usable);
        return this;
    }

    /** Uses the token with this text. */
    RunningProxy using(String token) {
        return using(TestTokens.parse(token));
    }

    /** Sets what the guardian knows: {@code verdict} about {@code token} since {@code at}. */
    RunningProxy knowing(Verdict verdict, Token token, Instant at) {
        return knowing(TokenStatuses.of(at, verdict, token));
    }

    /** Sets what the guardian knows. */
    RunningProxy knowing(TokenStatus tokenStatus) {
        waitAdvisor.accept(tokenStatus);
        return this;
    }

    int port() {
        return ((InetSocketAddress) addresses.get(0)).getPort();
    }

    List<SocketAddress> addresses() {
        return addresses;
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port() + path);
    }

    ProxyCounters.Snapshot counters() {
        return proxy.counters().snapshot();
    }

    long replayBudgetLeft() {
        return proxy.context().requests().replayBudget().availablePermits();
    }

    /** Returns how long failures keep the next connection to the API server from being opened. */
    Duration pause() {
        return UpstreamPools.pause(proxy.context().requests().upstreams());
    }

    LocalProxy proxy() {
        return proxy;
    }

    void drain(Duration timeout) {
        try {
            proxy.drain(timeout);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    boolean isDraining() {
        try {
            call().close();
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    int inClusterPort() {
        return ((InetSocketAddress) addresses.get(1)).getPort();
    }

    RawCaller call() throws IOException {
        return new RawCaller(addresses.get(0));
    }

    @Override
    public void close() {
        proxy.close();
        assertThat(proxy.awaitEnd(HangDetector.TIMEOUT)).isTrue();
    }
}
