package io.tokenguardian.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.tokenguardian.token.Token;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A pool that may have no connection besides the one that is being opened, over which HTTP/2 is offered. */
class LastConnectionTest {

    private static final Token TOKEN = Tokens.issuedAt(Instant.parse("2026-01-01T00:00:00Z"));

    private final ScriptedServer server = new ScriptedServer(ScriptedServer.Connection::readHead);
    private final RunningProxy proxy = RunningProxy.before(server).using(TOKEN);
    private final Deque<UpstreamConnector.Outcome> opening = new ArrayDeque<>();
    private final List<ProxyFault> faults = new ArrayList<>();
    private final EventLoop eventLoop = new EmbeddedChannel().eventLoop();
    private final UpstreamPool pool = UpstreamPools.ofOneConnection(eventLoop, new OpeningConnector());

    LastConnectionTest() throws IOException {
        // for the fields
    }

    @AfterEach
    void end() throws IOException {
        proxy.close();
        server.close();
    }

    private final class OpeningConnector extends UpstreamPools.BrokenConnector {
        @Override
        void connect(EventLoop eventLoop, UpstreamPool pool, boolean http2, Outcome outcome) {
            opening.add(outcome);
        }
    }

    private final class Request extends PlainRequest {
        Request() {
            super(proxy.proxy().context());
        }

        @Override
        public void onLeased(Upstream upstream) {
            throw new IllegalStateException("nothing connects");
        }

        @Override
        public void fail(ProxyFault fault, @Nullable String detail) {
            faults.add(fault);
        }

        @Override
        public void onLeaseWaits() {
            throw new IllegalStateException("no replica refuses");
        }
    }

    @Test
    void aSecondRequestWaitsForIt() {
        // Given
        pool.acquire(new Request());

        // When
        pool.acquire(new Request());

        // Then
        assertThat(opening).hasSize(1);
        assertThat(faults).isEmpty();
    }

    @Test
    void bothRequestsFailWithIt() {
        // Given
        pool.acquire(new Request());
        pool.acquire(new Request());

        // When
        opening.remove().failed(ProxyFault.UPSTREAM_UNREACHABLE, "refused");

        // Then
        assertThat(faults).containsExactly(ProxyFault.UPSTREAM_UNREACHABLE, ProxyFault.UPSTREAM_UNREACHABLE);
    }
}
