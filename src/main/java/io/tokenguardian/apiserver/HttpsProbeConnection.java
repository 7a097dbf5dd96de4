package io.tokenguardian.apiserver;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.util.concurrent.Promise;
import io.tokenguardian.apiserver.Connector.ServerCertificate;
import io.tokenguardian.token.Token;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A probe connection, from before it connects until it is closed. One thread uses it; any thread may close it. */
final class HttpsProbeConnection implements ProbeConnection {

    /** No object in etcd is larger (its limit on a request). */
    private static final int LARGEST_OBJECT = 2 << 20;

    private final ApiServerAddress address;
    private final TlsClient client;
    private final String userAgent;
    private final InstantSource clock;
    private final Timeouts timeouts;
    private final AtomicReference<ProbeRequest> preferredRequest;

    /** The channel of the attempt under way, later the connection's. Any thread may close it. */
    private volatile @Nullable Channel channel;

    private volatile boolean closed;
    private @Nullable CompletableFuture<Channel> connecting;
    private @Nullable ServerCertificate certificate;
    private Instant sentAt = Instant.MIN;
    private @Nullable Ahead ahead;

    /** @param exchange begins when the connection is there */
    private record Ahead(ProbeRequest probeRequest, CompletableFuture<ProbeExchange> exchange) {}

    /** @param preferredRequest the request to try first, shared by all probe connections to the API server */
    HttpsProbeConnection(
            ApiServerAddress address,
            TlsClient client,
            String userAgent,
            InstantSource clock,
            Timeouts timeouts,
            AtomicReference<ProbeRequest> preferredRequest) {
        this.address = address;
        this.client = client;
        this.userAgent = userAgent;
        this.clock = clock;
        this.timeouts = timeouts;
        this.preferredRequest = preferredRequest;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the probe waits for it
    public void connect() {
        connection();
    }

    private CompletableFuture<Channel> connection() {
        CompletableFuture<Channel> begun = connecting;
        if (begun == null) {
            begun = client.connect(this::keep);
            connecting = begun;
        }
        return begun;
    }

    @Override
    public ProbeResult probe(Token token) {
        sentAt = clock.instant();
        return overConnection(connected -> ask(connected, token), this::unreachable);
    }

    @Override
    public void sendAhead(Token token) {
        if (isOpen()) {
            ProbeRequest probeRequest = preferredRequest.get();
            ahead = new Ahead(probeRequest, connection().thenApply(made -> begin(made, request(probeRequest, token))));
        }
    }

    private FullHttpRequest request(ProbeRequest probeRequest, Token token) {
        return probeRequest.request(address.hostHeader(), userAgent, token.bearer());
    }

    @Override
    public ReplicaList listReplicas(Token token) {
        return overConnection(connected -> replicas(connected, token), explanation -> {
            close();
            return new ReplicaList.Unknown(explanation);
        });
    }

    private ReplicaList replicas(Channel connected, Token token) throws UnreachableException, InterruptedException {
        FullHttpRequest request =
                ProbeRequest.get(EndpointSlices.PATH, address.hostHeader(), userAgent, token.bearer());
        ProbeExchange.Response response = exchange(connected, request);
        return switch (response.status()) {
            case ProbeOutcomeReader.OK -> EndpointSlices.read(response.body(), address.serverName());
            case ProbeOutcomeReader.FORBIDDEN -> new ReplicaList.Forbidden();
            default ->
                new ReplicaList.Unknown(
                        "%s answered %d to the request for the list of replicas".formatted(address, response.status()));
        };
    }

    @Override
    public ProbeResult reviewToken(Token bearer, Token reviewed, List<String> audiences) {
        sentAt = clock.instant();
        return overConnection(connected -> review(connected, bearer, reviewed, audiences), this::unreachable);
    }

    private ProbeResult review(Channel connected, Token bearer, Token reviewed, List<String> audiences)
            throws UnreachableException, InterruptedException {
        String body = TokenReview.body(reviewed, audiences);
        FullHttpRequest request =
                ProbeRequest.post(TokenReview.PATH, body, address.hostHeader(), userAgent, bearer.bearer());
        ProbeExchange.Response response = exchange(connected, request);
        return result(response, TokenReview.read(address, audiences, response));
    }

    @Override
    public ProbeResult issueToken(@Nullable String bearer, TokenRequest tokenRequest) {
        sentAt = clock.instant();
        FullHttpRequest request =
                ProbeRequest.post(tokenRequest.path(), tokenRequest.body(), address.hostHeader(), userAgent, bearer);
        return overConnection(
                connected -> {
                    ProbeExchange.Response response = exchange(connected, request);
                    return result(response, tokenRequest.read(address, response));
                },
                this::unreachable);
    }

    @Override
    public ObjectReading readObject(@Nullable String bearer, String path) {
        FullHttpRequest request = ProbeRequest.get(path, address.hostHeader(), userAgent, bearer);
        return overConnection(
                connected -> ObjectReading.of(address, path, await(begin(connected, request, LARGEST_OBJECT))),
                explanation -> {
                    close();
                    return new ObjectReading.Unknown(explanation);
                });
    }

    @Override
    public ProbeResult readClock() {
        sentAt = clock.instant();
        FullHttpRequest request = ProbeRequest.get("/version", address.hostHeader(), userAgent, null);
        return overConnection(
                connected -> result(exchange(connected, request), new ProbeOutcome.Authenticated(null)),
                this::unreachable);
    }

    private ProbeResult result(ProbeExchange.Response response, ProbeOutcome outcome) {
        return result(
                outcome,
                response.sentAt(),
                response.receivedAt(),
                HttpDate.parse(response.headers().getAll("Date")));
    }

    private ProbeResult result(ProbeOutcome outcome, Instant sent, Instant received, @Nullable Instant date) {
        ServerCertificate shown = certificate;
        return new ProbeResult(
                address.hostAndPort(),
                outcome,
                shown == null ? null : shown.sha256(),
                shown == null ? List.of() : shown.names(),
                sent,
                received,
                date);
    }

    /** A request over the connection. */
    private interface Request<T> {
        T send(Channel connected) throws UnreachableException, InterruptedException;
    }

    /**
     * Sends the request, and connects first if necessary. On failure returns what {@code failed} makes of the
     * explanation.
     */
    private <T> T overConnection(Request<T> request, Function<String, T> failed) {
        try {
            return request.send(connectedChannel());
        } catch (UnreachableException e) {
            return failed.apply(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return failed.apply("interrupted while waiting for " + address);
        } catch (RejectedExecutionException e) {
            return failed.apply(address + " can't be probed any more: this process is stopping");
        }
    }

    private Channel connectedChannel() throws UnreachableException, InterruptedException {
        if (!isOpen()) {
            throw new UnreachableException("the connection to " + address + " is closed");
        }
        Channel made = TlsClient.await(connection());
        if (certificate == null) {
            certificate = TlsClient.certificate(made, address);
        }
        return made;
    }

    /** The connection; null if it is not there yet, or has ended. */
    private @Nullable Channel connected() {
        CompletableFuture<Channel> begun = connecting;
        if (closed || begun == null || !begun.isDone() || begun.isCompletedExceptionally()) {
            return null;
        }
        Channel made = begun.join();
        return made.isActive() ? made : null;
    }

    private void keep(Channel opened) {
        channel = opened;
        if (closed) {
            close(opened);
        }
    }

    /** Sends the preferred request. After each 404 sends the next, if one is left and the connection is open. */
    private ProbeResult ask(Channel connected, Token token) throws UnreachableException, InterruptedException {
        for (int left = ProbeRequest.values().length; ; left--) {
            Ahead sent = ahead;
            ahead = null;
            ProbeRequest probeRequest = sent == null ? preferredRequest.get() : sent.probeRequest();
            ProbeExchange.Response response =
                    await(sent == null ? begin(connected, request(probeRequest, token)) : begun(sent));
            boolean unknown = response.status() == ProbeOutcomeReader.NOT_FOUND;
            if (unknown) {
                preferredRequest.compareAndSet(probeRequest, probeRequest.next());
            }
            if (!unknown || left == 1 || !response.reusable()) {
                return result(response, ProbeOutcomeReader.read(address, probeRequest, response));
            }
        }
    }

    private ProbeExchange.Response exchange(Channel connected, FullHttpRequest request)
            throws UnreachableException, InterruptedException {
        return await(begin(connected, request));
    }

    /** The connection is there, so the exchange begins at once. */
    private static ProbeExchange begun(Ahead sent) {
        try {
            return sent.exchange().join();
        } catch (CompletionException e) {
            throw new RejectedExecutionException(e); // this process is stopping
        }
    }

    private static ProbeExchange begin(Channel connected, FullHttpRequest request) {
        return begin(connected, request, ProbeExchange.USUAL_BODY);
    }

    private static ProbeExchange begin(Channel connected, FullHttpRequest request, int maxBody) {
        ProbeExchange exchange =
                new ProbeExchange(request, maxBody, connected.eventLoop().newPromise());
        connected.eventLoop().execute(() -> start(connected, exchange));
        return exchange;
    }

    private ProbeExchange.Response await(ProbeExchange exchange) throws UnreachableException, InterruptedException {
        Promise<ProbeExchange.Response> promise = exchange.response();
        boolean ended;
        try {
            ended = promise.await(left(exchange).toMillis());
        } finally {
            Instant sent = exchange.sentAt();
            sentAt = sent == null ? sentAt : sent;
        }
        if (!ended) {
            throw new UnreachableException(
                    "%s did not answer within %s".formatted(address, Timeouts.text(timeouts.response())));
        }
        if (!promise.isSuccess()) {
            throw FailureText.exchanging(address, exchange.maxBody(), promise.cause());
        }
        ProbeExchange.Response response = promise.getNow();
        if (!response.reusable()) {
            close();
        }
        return response;
    }

    /** How long to wait for the response. A request that was sent ahead has used up a part of its time. */
    private Duration left(ProbeExchange exchange) {
        Instant sent = exchange.sentAt();
        Duration over = sent == null ? Duration.ZERO : Duration.between(sent, clock.instant());
        Duration left = timeouts.response().minus(over);
        return left.isNegative() ? Duration.ZERO : left;
    }

    private static void start(Channel connected, ProbeExchange exchange) {
        ChannelHandlerContext ctx = connected.pipeline().context(ProbeExchangeHandler.class);
        if (ctx != null && ctx.handler() instanceof ProbeExchangeHandler handler) {
            handler.start(ctx, exchange);
        } else {
            exchange.response().tryFailure(new ClosedChannelException());
        }
    }

    private ProbeResult unreachable(String explanation) {
        boolean closedBefore = closed;
        close();
        ProbeOutcome outcome = new ProbeOutcome.Unreachable(
                closedBefore ? "the connection to " + address + " is closed" : explanation);
        return result(outcome, sentAt, clock.instant(), null);
    }

    @Override
    public boolean isOpen() {
        boolean ended = connecting != null && connecting.isDone() && connected() == null;
        return !closed && !ended;
    }

    @Override
    public void close() {
        closed = true;
        Channel existing = channel;
        if (existing != null) {
            close(existing);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // nothing waits until the connection is closed
    private static void close(Channel ended) {
        ended.close();
    }
}
