package io.tokenguardian.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.ReferenceCountUtil;
import io.tokenguardian.guardian.TokenSource;
import io.tokenguardian.guardian.TokenSourceKeys;
import io.tokenguardian.proxy.ScriptedServer;
import io.tokenguardian.proxy.Tokens;
import io.tokenguardian.token.Token;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a connection may be used for, in simulated time. As with TLS, closing it takes a while. */
class UpstreamTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Token TOKEN = Tokens.issuedAt(NOW);
    private static final String WHOLE = "HTTP/1.1 200 OK" + ScriptedServer.MARK + "\r\nContent-Length: 4\r\n\r\nbody";
    private static final String TOO_EARLY =
            "HTTP/1.1 401 Unauthorized\r\nDate: Sun, 01 Mar 2026 11:58:40 GMT\r\nContent-Length: 4\r\n\r\nbody";
    private static final String REFUSAL =
            "HTTP/1.1 401 Unauthorized\r\nDate: Sun, 01 Mar 2026 12:00:00 GMT\r\nContent-Length: 4\r\n\r\nbody";

    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final List<SlowToClose> opened = new ArrayList<>();
    private final List<String> events = new ArrayList<>();
    private final List<Upstream> leased = new ArrayList<>();
    private final TokenSource source = new TokenSource();
    private long nanos;
    private final UpstreamPool pool = UpstreamPools.on(
            loop.eventLoop(),
            UpstreamPools.context(source, answer -> {}, NOW, () -> nanos),
            new UpstreamPools.BrokenConnector() {
                @Override
                void connect(EventLoop eventLoop, UpstreamPool of, Outcome outcome) {
                    SlowToClose channel = new SlowToClose();
                    opened.add(channel);
                    outcome.connected(Upstream.install(channel, of));
                }
            });
    private final SlowToClose channel = new SlowToClose();
    private final Upstream upstream = Upstream.install(channel, pool);

    /** A channel that stays open while it is being closed. */
    private final class SlowToClose extends EmbeddedChannel {
        private boolean isClosing;
        private int written;

        SlowToClose() {
            pipeline().addLast(new ChannelOutboundHandlerAdapter() {
                @Override
                public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
                    isClosing = true;
                }
            });
        }

        @Override
        public EventLoop eventLoop() {
            return loop.eventLoop();
        }

        @Override
        protected void handleOutboundMessage(Object message) {
            ReferenceCountUtil.release(message);
            written++;
        }

        void receive(String text) {
            writeInbound(ByteBufUtil.writeAscii(alloc(), text));
        }
    }

    private final class Listener implements ResponseListener {
        private final String name;

        Listener(String name) {
            this.name = name;
        }

        @Override
        public void onResponseHead(HttpResponse response) {
            events.add(name + " " + response.status().code());
        }

        @Override
        public void onResponseContent(HttpContent content) {
            events.add(name + " " + content.content().toString(StandardCharsets.US_ASCII));
            content.release();
        }

        @Override
        public void onUpstreamFailed(UpstreamFailure cause) {
            events.add(name + " " + cause);
        }
    }

    private final class Request extends RecordedRequest {
        private final boolean own;

        Request(boolean own) {
            super(source::best, new ArrayList<>());
            this.own = own;
        }

        @Override
        public boolean ownCredential() {
            return own;
        }

        @Override
        public void onLeased(Upstream upstream, @Nullable Token token, boolean asItIs) {
            leased.add(upstream);
        }
    }

    // One request at a time

    @Test
    void aConnectionInUseIsNotGivenToAnotherRequest() {
        // Given
        upstream.begin(new Listener("first"), false);

        // When
        assertThatThrownBy(() -> upstream.begin(new Listener("second"), false))
                .isInstanceOf(IllegalStateException.class);

        // Then
        channel.receive(WHOLE);
        assertThat(events).containsExactly("first 200", "first body");
    }

    @Test
    void aConnectionInUseIsNotProven() {
        upstream.begin(new Listener("first"), false);

        assertThatThrownBy(() -> upstream.prove(TOKEN, (finding, fault) -> {}))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aConnectionWhoseResponseIsOverIsGivenToAnotherRequest() {
        // Given
        upstream.begin(new Listener("first"), false);
        channel.receive(WHOLE);

        // When
        upstream.begin(new Listener("second"), false);

        // Then
        channel.receive(WHOLE);
        assertThat(events).containsExactly("first 200", "first body", "second 200", "second body");
    }

    @Test
    void anInterimResponseDoesNotEndTheUse() {
        upstream.begin(new Listener("first"), false);

        channel.receive("HTTP/1.1 102 Processing\r\n\r\n");

        assertThat(upstream.isReusable()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 5, 60})
    void aConnectionIsReusableOnlyAfterTheWholeResponse(int left) {
        // Given
        upstream.begin(new Listener("first"), false);

        // When
        channel.receive(WHOLE.substring(0, WHOLE.length() - left));
        boolean early = upstream.isReusable();
        channel.receive(WHOLE.substring(WHOLE.length() - left));

        // Then
        assertThat(early).isFalse();
        assertThat(upstream.isReusable()).isTrue();
    }

    @Test
    void aConnectionReleasedBeforeItsResponseIsOverIsClosed() {
        // Given
        upstream.begin(new Listener("first"), false);
        channel.receive(WHOLE.substring(0, WHOLE.length() - 1));

        // When
        pool.release(upstream);

        // Then
        assertThat(channel.isClosing).isTrue();
        pool.acquire(new Request(true));
        assertThat(leased).doesNotContain(upstream);
    }

    // Closing

    @Test
    void whatArrivesAfterTheCloseHasBegunIsDiscarded() {
        // Given
        upstream.begin(new Listener("first"), false);
        channel.receive(WHOLE.substring(0, WHOLE.length() - 4));

        // When
        upstream.close();
        channel.receive("body");

        // Then
        assertThat(events).containsExactly("first 200");
        assertThat(upstream.isReusable()).isFalse();
    }

    @Test
    void aConnectionThatIsBeingClosedCarriesNoRequest() {
        upstream.close();

        assertThat(channel.isActive()).isTrue();
        assertThatThrownBy(() -> upstream.begin(new Listener("second"), false))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aRequestLearnsThatItsConnectionHasEnded() {
        // Given
        pool.acquire(new Request(true));
        leased.get(0).begin(new Listener("first"), false);

        // When
        opened.get(0).unsafe().close(opened.get(0).newPromise());
        loop.runPendingTasks();

        // Then
        assertThat(events).containsExactly("first CLOSED");
    }

    /** The connection is idle, waits until its replica's clock has come, or is kept because its replica refuses. */
    @ParameterizedTest
    @ValueSource(strings = {WHOLE, TOO_EARLY, REFUSAL})
    void aKeptConnectionThatIsBeingClosedIsNotUsed(String toProof) {
        // Given a connection that the pool keeps, and whose server sends bytes that belong to no request
        loop.freezeTime();
        TokenSourceKeys.usePartly(source, TOKEN);
        pool.acquire(new Request(false));
        opened.get(0).receive(toProof);
        leased.forEach(pool::release);
        int written = opened.get(0).written;
        opened.get(0).receive("HTTP/1.1 408 Request Timeout\r\n\r\n");
        assertThat(opened.get(0).isClosing).isTrue();
        leased.clear();

        // When its replica would accept the token, and requests need a connection
        nanos += TimeUnit.SECONDS.toNanos(30);
        loop.advanceTimeBy(30, TimeUnit.SECONDS);
        pool.acquire(new Request(false));
        pool.acquire(new Request(true));
        loop.runScheduledPendingTasks();

        // Then
        assertThat(opened.get(0).written).isEqualTo(written);
        assertThat(leased).extracting(Upstream::channel).doesNotContain(opened.get(0));
    }

    @Test
    void aConnectionWhoseProofHasALongBodyIsNotUsed() {
        // Given
        TokenSourceKeys.use(source, TOKEN);
        pool.acquire(new Request(false));
        String page = "x".repeat(100_000);

        // When
        opened.get(0)
                .receive("HTTP/1.1 200 OK" + ScriptedServer.MARK + "\r\nContent-Length: " + page.length() + "\r\n\r\n"
                        + page.substring(1));

        // Then
        assertThat(leased).extracting(Upstream::channel).doesNotContain(opened.get(0));
    }
}
