package io.tokenguardian.apiserver;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.tokenguardian.apiserver.Connector.ServerCertificate;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A probe connection over HTTPS. May be used by any thread. */
public final class HttpsProbeConnection implements ProbeConnection {

    /** The maximum size of a body in bytes: etcd's limit on the size of a request, and so of an object. */
    static final int MAX_BODY = 2 << 20;

    static final int MAX_HEAD = 16 << 10;
    private static final int MAX_STATUS_LINE = 4 << 10;
    private static final int MAX_CHUNK = 8 << 10;

    private final HttpsApiServer server;
    private final ApiServerAddress address;

    /** The channels of the attempts, then of the connection. After {@link #close}, an added channel is closed too. */
    private final ChannelGroup channels = new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE, true);

    private volatile boolean closed;
    private volatile @Nullable CompletableFuture<ProbeExchange> connecting;
    private volatile @Nullable ServerCertificate certificate;

    /** When the last request was sent or, until it is sent, when the attempt to send it began. */
    private volatile Instant sentAt = Instant.MIN;

    HttpsProbeConnection(HttpsApiServer server) {
        this.server = server;
        this.address = server.address;
    }

    private synchronized CompletableFuture<ProbeExchange> connection() {
        CompletableFuture<ProbeExchange> begun = connecting;
        if (begun == null) {
            begun = new CompletableFuture<>();
            connecting = begun;
            server.connector.connect(server.bootstrap, outcome(begun));
        }
        return begun;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the channel ends even if close fails
    private Connector.Outcome outcome(CompletableFuture<ProbeExchange> made) {
        return new Connector.Outcome() {
            @Override
            public void opened(Channel channel) {
                channels.add(channel);
            }

            @Override
            public void connected(Channel channel) {
                try {
                    certificate = ServerCertificate.of(channel.pipeline().get(SslHandler.class), address);
                    ProbeExchange exchange = new ProbeExchange(channel, server.clock);
                    channel.pipeline()
                            .addLast(
                                    new HttpClientCodec(MAX_STATUS_LINE, MAX_HEAD, MAX_CHUNK),
                                    exchange.newAggregator(MAX_BODY),
                                    exchange);
                    made.complete(exchange);
                } catch (RuntimeException | Error e) {
                    made.completeExceptionally(e); // this is the only report
                    channel.close();
                    throw e;
                }
            }

            @Override
            public void failed(ConnectFailure failure) {
                made.completeExceptionally(new UnreachableException(failure.explanation()));
            }
        };
    }

    @Override
    public CompletableFuture<ProbeResult> probe(Token token) {
        return orUnreachable(probe(token, ProbeRequest.values().length));
    }

    /**
     * Sends the preferred request. After an unmarked 404, sends the next, if one is left and the connection is open.
     */
    private CompletableFuture<ProbeResult> probe(Token token, int left) {
        ProbeRequest probeRequest = server.preferredRequest.get();
        return send(probeRequest.request(address.hostHeader(), server.userAgent, token.bearer()))
                .thenCompose(response -> {
                    boolean unknown = response.status() == ProbeOutcomeReader.NOT_FOUND && !response.isMarked();
                    if (unknown) {
                        server.preferredRequest.compareAndSet(probeRequest, probeRequest.next());
                    }
                    return unknown && left > 1 && response.reusable()
                            ? probe(token, left - 1)
                            : CompletableFuture.completedFuture(
                                    result(response, ProbeOutcomeReader.read(address, probeRequest, response)));
                });
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
            Function<ProbeResponse, T> read,
            Function<String, T> failed) {
        return send(request(path, body, bearer))
                .thenApply(read)
                .exceptionally(failure -> failed.apply(closedBy(failure)));
    }

    /**
     * Sends a request without a credential, only to get the {@code Date} of its response. Every response results in
     * {@link ProbeOutcome.Authenticated}, which in this case does not mean that a token was accepted.
     */
    public CompletableFuture<ProbeResult> readClock() {
        return orUnreachable(send(request("/version", "", null))
                .thenApply(response -> result(response, new ProbeOutcome.Authenticated(null))));
    }

    private FullHttpRequest request(String path, String body, @Nullable String bearer) {
        return ProbeRequest.of(path, body, address.hostHeader(), server.userAgent, bearer);
    }

    private ProbeResult result(ProbeResponse response, ProbeOutcome outcome) {
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

    private CompletableFuture<ProbeResponse> send(FullHttpRequest request) {
        sentAt = server.clock.instant();
        return isOpen()
                ? connection().thenCompose(exchange -> send(exchange, request))
                : CompletableFuture.failedFuture(
                        new UnreachableException("the connection to " + address + " is closed"));
    }

    private CompletableFuture<ProbeResponse> send(ProbeExchange exchange, FullHttpRequest request) {
        CompletableFuture<ProbeResponse> response = new CompletableFuture<>();
        EventLoop eventLoop = exchange.channel().eventLoop();
        Duration within = server.timeouts.response();
        eventLoop.execute(() -> exchange.start(request, now -> sentAt = now, response));
        Future<?> limit = eventLoop.schedule(
                () -> response.completeExceptionally(new UnreachableException(
                        "%s did not answer within %s".formatted(address, Timeouts.text(within)))),
                within.toNanos(),
                TimeUnit.NANOSECONDS);
        return response.handle((received, failure) -> {
            limit.cancel(false);
            if (failure != null) {
                throw new CompletionException(
                        failure instanceof UnreachableException ? failure : FailureText.exchanging(address, failure));
            }
            if (!received.reusable()) {
                close();
            }
            return received;
        });
    }

    private CompletableFuture<ProbeResult> orUnreachable(CompletableFuture<ProbeResult> result) {
        return result.exceptionally(failure ->
                result(new ProbeOutcome.Unreachable(closedBy(failure)), sentAt, server.clock.instant(), null));
    }

    public String address() {
        return address.hostAndPort();
    }

    private String closedBy(Throwable failure) {
        boolean closedBefore = closed;
        close();
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof Error error) {
            throw error;
        } else if (closedBefore) {
            return "the connection to " + address + " is closed";
        } else if (cause instanceof UnreachableException unreachable) {
            return String.valueOf(unreachable.getMessage());
        }
        return address + " can't be probed: " + cause;
    }

    @Override
    public boolean isOpen() {
        CompletableFuture<ProbeExchange> begun = connecting;
        if (closed || begun == null || !begun.isDone()) {
            return !closed;
        }
        return !begun.isCompletedExceptionally() && begun.join().channel().isActive();
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // nothing waits until the connection is closed
    public void close() {
        closed = true;
        channels.close();
    }
}
