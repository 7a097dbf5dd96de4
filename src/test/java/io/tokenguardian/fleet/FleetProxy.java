package io.tokenguardian.fleet;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import io.tokenguardian.guardian.TokenSource;
import io.tokenguardian.guardian.WaitAdvisor;
import io.tokenguardian.proxy.ProxyCounters;
import io.tokenguardian.proxy.ProxySettings.AuthorizationPolicy;
import io.tokenguardian.proxy.ScriptedServer;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.proxy.request.DiscardingCaller;
import io.tokenguardian.proxy.request.Exchange;
import io.tokenguardian.proxy.request.LoopState;
import io.tokenguardian.proxy.request.RequestContext;
import io.tokenguardian.proxy.request.UpstreamRequest;
import io.tokenguardian.proxy.upstream.SimulatedChannel;
import io.tokenguardian.proxy.upstream.SimulatedConnector;
import io.tokenguardian.proxy.upstream.UpstreamContext;
import io.tokenguardian.proxy.upstream.UpstreamPool;
import io.tokenguardian.proxy.upstream.UpstreamPools;
import io.tokenguardian.replica.Answer;
import io.tokenguardian.testing.DefaultSettings;
import io.tokenguardian.verdict.TokenTerms;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** The proxy of a pod with traffic: one event loop's pool, and the pod's requests. */
@SuppressWarnings("FutureReturnValueIgnored") // a close in a simulation succeeds at once
final class FleetProxy {
    /** As {@code Connector.REQUEST_ATTEMPTS}. */
    private static final int ATTEMPTS = 1;

    private static final Duration HOLD_TIMEOUT = DefaultSettings.proxy().holdTimeout();
    private static final Duration CONNECT_TIMEOUT = DefaultSettings.proxy().connectTimeout();
    private static final AsciiString HOST = AsciiString.cached("kubernetes");

    /** A request that takes longer is noticed. */
    private static final Duration SLOW = Duration.ofSeconds(1);

    private final Fleet fleet;
    private final FleetPod pod;
    private final WaitAdvisor advisor;
    private final UpstreamPool pool;
    private final LoopState state;
    private final RequestContext context;

    /** The replica whose response is being read. */
    private @Nullable FleetReplica responding;

    private boolean lastFailed;
    private int slow;

    FleetProxy(Fleet fleet, FleetPod pod, TokenSource source, Consumer<Answer> guardian, DoubleSupplier chance) {
        this.fleet = fleet;
        this.pod = pod;
        this.advisor = new WaitAdvisor(TokenTerms.YOUNG, fleet.timeline, (status, at) -> "");
        UpstreamContext upstreams = UpstreamPools.context(
                source,
                answer -> guardian.accept(withCertificate(answer)),
                fleet.timeline.start(),
                fleet.time.nanoTime(),
                chance);
        this.pool = UpstreamPools.on(fleet.loop.eventLoop(), upstreams, new SimulatedConnector(this::connect));
        this.state = UpstreamPools.stateOf(pool);
        this.context = new RequestContext(
                HOLD_TIMEOUT,
                0,
                upstreams,
                advisor,
                new Semaphore(RequestContext.MOST_HELD),
                new Semaphore(RequestContext.REPLAY_TOTAL),
                new ProxyCounters());
        source.onChange(this::recheckWaiting);
        advisor.onChange(() -> {
            recheckWaiting();
            advisor.untilRefusalIsFinal().ifPresent(in -> fleet.time.after(in, pool::recheckWaiting));
        });
    }

    private void recheckWaiting() {
        fleet.time.after(Duration.ZERO, pool::recheckWaiting);
    }

    WaitAdvisor advisor() {
        return advisor;
    }

    /** A channel without TLS has no certificate. */
    private Answer withCertificate(Answer answer) {
        String certificate = responding == null ? null : responding.certificate;
        return new Answer(
                answer.token(),
                answer.finding(),
                answer.clock(),
                answer.at(),
                new Answer.Origin(answer.from().address(), certificate, List.of(), null),
                answer.metBy(),
                answer.inDoubt());
    }

    // Connections

    private void connect(SimulatedConnector.Opening opening) {
        fleet.network.connect(ATTEMPTS, CONNECT_TIMEOUT, new FleetNetwork.Client() {
            @Override
            public void onConnected(FleetConnection connection) {
                opening.connected(new Line(connection).channel);
            }

            @Override
            public void onFailed(boolean silent) {
                opening.failed(silent);
            }
        });
    }

    /** A connection between the proxy and a replica. */
    private final class Line {
        private final FleetConnection connection;
        private final SimulatedChannel channel;
        private final StringBuilder received = new StringBuilder();

        Line(FleetConnection connection) {
            this.connection = connection;
            this.channel = new SimulatedChannel(fleet.loop.eventLoop(), fleet.allocator, this::receive);
            connection.onReset(channel::close);
            channel.closeFuture().addListener(closed -> connection.close());
        }

        private void receive(ByteBuf bytes) {
            received.append(bytes.toString(StandardCharsets.US_ASCII));
            bytes.release();
            int end = received.indexOf("\r\n\r\n");
            if (end >= 0) {
                String head = received.substring(0, end + 4);
                received.setLength(0);
                if (ScriptedServer.isProof(head)) {
                    fleet.proofs.count(fleet.time.now());
                }
                connection.send(pod.tokenIn(head), this::respond);
            }
        }

        private void respond(FleetReplica.Reply reply) {
            responding = connection.replica;
            channel.respond("HTTP/1.1 " + reply.status() + " Word\r\nContent-Length: 4\r\nDate: "
                    + DateTimeFormatter.RFC_1123_DATE_TIME.format(reply.date().atOffset(ZoneOffset.UTC))
                    + (reply.marked() ? ScriptedServer.MARK : "")
                    + (reply.status() == 429 ? "\r\nRetry-After: 1" : "")
                    + "\r\n\r\ntext");
            responding = null;
        }
    }

    // Requests

    /** Whether the last request did not fail, and none takes long. */
    boolean isWell() {
        return !lastFailed && slow == 0;
    }

    void beginRequests() {
        fleet.time.after(fleet.timeToNextRequest(), () -> {
            new Request().begin();
            beginRequests();
        });
    }

    private final class Request extends DiscardingCaller {
        private int status;
        private boolean ended;
        private boolean isSlow;

        void begin() {
            HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/api");
            UpstreamRequest head = UpstreamRequest.of(request, AuthorizationPolicy.REPLACE, HOST, false);
            Exchange exchange = new Exchange(context, state, this, head, 1);
            fleet.time.after(SLOW, this::noteSlow);
            exchange.onRequestContent(LastHttpContent.EMPTY_LAST_CONTENT);
            exchange.onCallerReadComplete();
        }

        private void noteSlow() {
            if (!ended) {
                isSlow = true;
                slow++;
                pod.update();
            }
        }

        @Override
        protected void onHead(HttpResponse response) {
            status = response.status().code();
        }

        @Override
        protected void onEnd() {
            end(status != 200);
        }

        @Override
        protected void onFault(ProxyFault fault) {
            end(true);
        }

        private void end(boolean failed) {
            ended = true;
            slow -= isSlow ? 1 : 0;
            lastFailed = failed;
            fleet.requestEnded(failed);
            pod.update();
        }
    }
}
