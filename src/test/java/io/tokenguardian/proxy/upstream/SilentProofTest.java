package io.tokenguardian.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import io.tokenguardian.apiserver.ApiServerAddress;
import io.tokenguardian.guardian.TokenSource;
import io.tokenguardian.guardian.TokenSourceKeys;
import io.tokenguardian.guardian.WaitAdvisor;
import io.tokenguardian.proxy.ProxyCounters;
import io.tokenguardian.proxy.ProxySettings;
import io.tokenguardian.proxy.ProxySettings.AuthorizationPolicy;
import io.tokenguardian.proxy.RecordingObserver;
import io.tokenguardian.proxy.SettingsDraft;
import io.tokenguardian.proxy.Tokens;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.proxy.request.Caller;
import io.tokenguardian.proxy.request.EventLoopState;
import io.tokenguardian.proxy.request.Exchange;
import io.tokenguardian.proxy.request.RequestContext;
import io.tokenguardian.proxy.request.UpstreamRequest;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A request whose proof gets no response, in simulated time. */
class SilentProofTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final List<EmbeddedChannel> opened = new ArrayList<>();
    private final List<Object> faults = new ArrayList<>();
    private final UpstreamPool pool = UpstreamPools.on(loop.eventLoop(), () -> 0, new UpstreamPools.BrokenConnector() {
        @Override
        void connect(EventLoop eventLoop, UpstreamPool of, Outcome outcome) {
            EmbeddedChannel channel = new EmbeddedChannel() {
                @Override
                public EventLoop eventLoop() {
                    return loop.eventLoop();
                }

                @Override
                protected void handleOutboundMessage(Object message) {
                    ReferenceCountUtil.release(message);
                }
            };
            opened.add(channel);
            outcome.connected(Upstream.install(channel, of));
        }
    });
    private final Exchange exchange = exchange();

    private Exchange exchange() {
        ProxySettings settings = new SettingsDraft().settings();
        TokenSource source = new TokenSource();
        TokenSourceKeys.use(source, Tokens.issuedAt(NOW));
        RequestContext context = new RequestContext(
                settings,
                source,
                new WaitAdvisor(settings.holdTimeout(), () -> NOW, (status, at) -> ""),
                new RecordingObserver(),
                new ApiServerAddress("127.0.0.1", 6443, "kubernetes"),
                new ProxyCounters(),
                new ProxyLog(),
                () -> 0);
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/apis/metrics.k8s.io/v1");
        UpstreamRequest head = UpstreamRequest.of(request, AuthorizationPolicy.REPLACE, AsciiString.cached("host"));
        Caller caller = (Caller) Proxy.newProxyInstance(
                Caller.class.getClassLoader(), new Class<?>[] {Caller.class}, (self, method, arguments) -> {
                    if (method.getName().equals("respond")) {
                        faults.add(arguments[0]);
                    }
                    return method.getReturnType() == String.class ? "caller" : null;
                });
        return new Exchange(context, new EventLoopState(loop.eventLoop(), pool, Optional::empty), caller, head, 1);
    }

    @BeforeEach
    void sendProof() {
        loop.freezeTime();
        exchange.onRequestContent(LastHttpContent.EMPTY_LAST_CONTENT);
        assertThat(opened).hasSize(1);
    }

    private void pass(Duration time) {
        loop.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
        loop.runScheduledPendingTasks();
        loop.runPendingTasks();
    }

    @Test
    void aProofWaitsForLessThan5Seconds() {
        pass(LIMIT.minusNanos(1));

        assertThat(opened).singleElement().matches(EmbeddedChannel::isOpen);
    }

    @Test
    void after5SecondsAnotherConnectionIsTried() {
        pass(LIMIT);

        assertThat(opened).extracting(EmbeddedChannel::isOpen).containsExactly(false, true);
    }

    @Test
    void after15SecondsTheRequestFailsWithATimeout() {
        for (int i = 0; i < 3; i++) {
            pass(LIMIT);
        }

        assertThat(opened).extracting(EmbeddedChannel::isOpen).containsExactly(false, false, false);
        assertThat(faults).containsExactly(ProxyFault.UPSTREAM_SILENT);
    }

    @Test
    void aRequestThatEndsDuringItsProofOpensNoOtherConnection() {
        exchange.onCallerClosed();

        pass(LIMIT);

        assertThat(opened).hasSize(1);
    }
}
