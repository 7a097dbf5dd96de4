package io.tokenguardian.apiserver;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import io.tokenguardian.apiserver.Connector.ServerCertificate;
import io.tokenguardian.token.Token;
import java.nio.channels.ClosedChannelException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A probe connection over HTTPS. May be used by any thread. */
public final class HttpsProbeConnection implements ProbeConnection {

    /** The maximum size of an object in bytes: etcd's limit on the size of a request. */
    private static final int LARGEST_OBJECT = 2 << 20;

    private final ApiServerAddress address;
    private final TlsClient client;
    private final String userAgent;
    private final InstantSource clock;
    private final Timeouts timeouts;
    private final AtomicReference<ProbeRequest> preferredRequest;

    /** The channels of the attempts, then of the connection. After {@link #close}, an added channel is closed too. */
    private final ChannelGroup channels = new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE, true);

    private volatile boolean closed;
    private volatile @Nullable CompletableFuture<Channel> connecting;
    private volatile @Nullable ServerCertificate certificate;

    /** When the last request was sent or, until it is sent, when the attempt to send it began. */
    private volatile Instant sentAt = Instant.MIN;

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
    @SuppressWarnings("FutureReturnValueIgnored") // the first request uses the connection
    public void connect() {
        connection();
    }

    private synchronized CompletableFuture<Channel> connection() {
        CompletableFuture<Channel> begun = connecting;
        if (begun == null) {
            begun = client.connect(channels::add).thenApply(made -> {
                certificate = TlsClient.certificate(made, address);
                return made;
            });
            connecting = begun;
        }
        return begun;
    }

    @Override
    public CompletableFuture<ProbeResult> probe(Token token) {
        return orUnreachable(probe(token, ProbeRequest.values().length));
    }

    /** Sends the preferred request. After a 404, sends the next request, if one is left and the connection is open. */
    private CompletableFuture<ProbeResult> probe(Token token, int left) {
        ProbeRequest probeRequest = preferredRequest.get();
        return send(() -> probeRequest.request(address.hostHeader(), userAgent, token.bearer()))
                .thenCompose(response -> {
                    boolean unknown = response.status() == ProbeOutcomeReader.NOT_FOUND;
                    if (unknown) {
                        preferredRequest.compareAndSet(probeRequest, probeRequest.next());
                    }
                    return unknown && left > 1 && response.reusable()
                            ? probe(token, left - 1)
                            : CompletableFuture.completedFuture(
                                    result(response, ProbeOutcomeReader.read(address, probeRequest, response)));
                });
    }

    @Override
    public CompletableFuture<ReplicaList> listReplicas(Token token) {
        return send(() -> ProbeRequest.of(EndpointSlices.PATH, "", address.hostHeader(), userAgent, token.bearer()))
                .thenApply(this::replicas)
                .exceptionally(failure -> new ReplicaList.Unknown(closedBy(failure)));
    }

    private ReplicaList replicas(ProbeExchange.Response response) {
        return switch (response.status()) {
            case ProbeOutcomeReader.OK -> EndpointSlices.read(response.body(), address.serverName());
            case ProbeOutcomeReader.FORBIDDEN -> new ReplicaList.Forbidden();
            default ->
                new ReplicaList.Unknown(
                        "%s answered %d to the request for the list of replicas".formatted(address, response.status()));
        };
    }

    @Override
    public CompletableFuture<ProbeResult> reviewToken(Token bearer, Token reviewed, List<String> audiences) {
        String body = TokenReview.body(reviewed, audiences);
        return orUnreachable(
                send(() -> ProbeRequest.of(TokenReview.PATH, body, address.hostHeader(), userAgent, bearer.bearer()))
                        .thenApply(response -> result(response, TokenReview.read(address, audiences, response))));
    }

    /**
     * Sends a GET, or a POST if it has a body, in JSON, under the same rules as {@link #probe}.
     *
     * @param bearer null if the connection's client certificate is the credential
     * @param failed reads a human-readable line that explains why no response arrived
     */
    public <T> CompletableFuture<T> exchange(
            @Nullable String bearer,
            String path,
            String body,
            Function<ProbeExchange.Response, T> read,
            Function<String, T> failed) {
        return send(LARGEST_OBJECT, () -> ProbeRequest.of(path, body, address.hostHeader(), userAgent, bearer))
                .thenApply(read)
                .exceptionally(failure -> failed.apply(closedBy(failure)));
    }

    /**
     * Sends a request without a credential, only to get the {@code Date} of its response. Every response results in
     * {@link ProbeOutcome.Authenticated}, which in this case does not mean that a token was accepted.
     */
    public CompletableFuture<ProbeResult> readClock() {
        return orUnreachable(send(() -> ProbeRequest.of("/version", "", address.hostHeader(), userAgent, null))
                .thenApply(response -> result(response, new ProbeOutcome.Authenticated(null))));
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

    private CompletableFuture<ProbeExchange.Response> send(Supplier<FullHttpRequest> request) {
        return send(ProbeExchange.USUAL_BODY, request);
    }

    private CompletableFuture<ProbeExchange.Response> send(int maxBody, Supplier<FullHttpRequest> request) {
        sentAt = clock.instant();
        return isOpen()
                ? connection().thenCompose(connected -> exchange(connected, request.get(), maxBody))
                : CompletableFuture.failedFuture(
                        new UnreachableException("the connection to " + address + " is closed"));
    }

    private CompletableFuture<ProbeExchange.Response> exchange(
            Channel connected, FullHttpRequest request, int maxBody) {
        Promise<ProbeExchange.Response> promise = connected.eventLoop().newPromise();
        ProbeExchange exchange = new ProbeExchange(request, maxBody, promise);
        CompletableFuture<ProbeExchange.Response> ended = new CompletableFuture<>();
        connected.eventLoop().execute(() -> start(connected, exchange));
        Future<?> limit = connected
                .eventLoop()
                .schedule(
                        () -> promise.tryFailure(new UnreachableException(
                                "%s did not answer within %s".formatted(address, Timeouts.text(timeouts.response())))),
                        timeouts.response().toNanos(),
                        TimeUnit.NANOSECONDS);
        promise.addListener(done -> {
            limit.cancel(false);
            Instant sent = exchange.sentAt();
            sentAt = sent == null ? sentAt : sent;
            if (!promise.isSuccess()) {
                ended.completeExceptionally(
                        promise.cause() instanceof UnreachableException late
                                ? late
                                : FailureText.exchanging(address, maxBody, promise.cause()));
                return;
            }
            ProbeExchange.Response response = promise.getNow();
            if (!response.reusable()) {
                close();
            }
            ended.complete(response);
        });
        return ended;
    }

    private static void start(Channel connected, ProbeExchange exchange) {
        ChannelHandlerContext ctx = connected.pipeline().context(ProbeExchangeHandler.class);
        if (ctx != null && ctx.handler() instanceof ProbeExchangeHandler handler) {
            handler.start(ctx, exchange);
        } else {
            exchange.response().tryFailure(new ClosedChannelException());
        }
    }

    private CompletableFuture<ProbeResult> orUnreachable(CompletableFuture<ProbeResult> result) {
        return result.exceptionally(failure -> {
            boolean closedBefore = closed;
            String explanation = closedBy(failure);
            ProbeOutcome outcome = new ProbeOutcome.Unreachable(
                    closedBefore ? "the connection to " + address + " is closed" : explanation);
            return result(outcome, sentAt, clock.instant(), null);
        });
    }

    @Override
    public String address() {
        return address.hostAndPort();
    }

    /** Closes the connection, and returns the explanation of the failure. */
    private String closedBy(Throwable failure) {
        close();
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof UnreachableException unreachable) {
            return String.valueOf(unreachable.getMessage());
        } else if (cause instanceof RejectedExecutionException) {
            return address + " can no longer be probed: this process is stopping";
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return address + " can't be probed: " + cause;
    }

    @Override
    public boolean isOpen() {
        CompletableFuture<Channel> begun = connecting;
        if (closed || begun == null || !begun.isDone()) {
            return !closed;
        }
        return !begun.isCompletedExceptionally() && begun.join().isActive();
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // nothing waits until the connection is closed
    public void close() {
        closed = true;
        channels.close();
    }
}
