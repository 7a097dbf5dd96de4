package io.tokenguardian.apiserver;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.util.concurrent.Promise;
import io.tokenguardian.token.Token;
import java.nio.channels.ClosedChannelException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One connection, from before it is made to after its end. One thread asks; any thread may close. */
final class HttpsConversation implements Conversation {

    private static final int OK = 200;

    private final ApiServerAddress address;
    private final TlsClient client;
    private final String userAgent;
    private final InstantSource clock;
    private final Timeouts timeouts;
    private final AtomicReference<Question> question;

    private volatile @Nullable Channel channel;
    private volatile boolean closed;
    private @Nullable String certificate;
    private Instant sentAt = Instant.MIN;

    /** @param question the one to try first; all conversations with the API server share it */
    HttpsConversation(
            ApiServerAddress address,
            TlsClient client,
            String userAgent,
            InstantSource clock,
            Timeouts timeouts,
            AtomicReference<Question> question) {
        this.address = address;
        this.client = client;
        this.userAgent = userAgent;
        this.clock = clock;
        this.timeouts = timeouts;
        this.question = question;
    }

    @Override
    public void connect() {
        try {
            connected();
        } catch (UnreachableException | RejectedExecutionException e) {
            close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
        }
    }

    @Override
    public Answer ask(Token token) {
        sentAt = clock.instant();
        return connected(connected -> ask(connected, token), this::unreachable);
    }

    @Override
    public ReplicaList replicas(Token token) {
        return connected(connected -> replicas(connected, token), explanation -> {
            close();
            return new ReplicaList.Unknown(explanation);
        });
    }

    private ReplicaList replicas(Channel connected, Token token) throws UnreachableException, InterruptedException {
        FullHttpRequest request = Question.get(EndpointSlices.PATH, address.authority(), userAgent, token.bearer());
        Exchange.Response response = exchange(connected, request);
        return switch (response.status()) {
            case OK -> EndpointSlices.read(response.body(), address.serverName());
            case ReplyReader.FORBIDDEN -> new ReplicaList.Forbidden();
            default ->
                new ReplicaList.Unknown(
                        "%s answered %d to the question where the replicas are".formatted(address, response.status()));
        };
    }

    @Override
    public Answer review(Token bearer, Token reviewed, List<String> audiences) {
        sentAt = clock.instant();
        return connected(connected -> review(connected, bearer, reviewed, audiences), this::unreachable);
    }

    private Answer review(Channel connected, Token bearer, Token reviewed, List<String> audiences)
            throws UnreachableException, InterruptedException {
        String body = TokenReview.body(reviewed, audiences);
        FullHttpRequest request =
                Question.post(TokenReview.PATH, body, address.authority(), userAgent, bearer.bearer());
        Exchange.Response response = exchange(connected, request);
        return answer(response, TokenReview.read(address, audiences, response));
    }

    private Answer answer(Exchange.Response response, Reply reply) {
        return new Answer(
                address.hostAndPort(),
                reply,
                certificate,
                response.sentAt(),
                response.receivedAt(),
                HttpDate.parse(response.headers().getAll("Date")));
    }

    /** Something that is asked over the connection. */
    private interface Asking<T> {
        T over(Channel connected) throws UnreachableException, InterruptedException;
    }

    /** Asks over the connection, which is made if need be; what fails is an answer too, made of one line that says why. */
    private <T> T connected(Asking<T> asking, Function<String, T> failed) {
        try {
            return asking.over(connected());
        } catch (UnreachableException e) {
            return failed.apply(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return failed.apply("interrupted while " + address + " was asked");
        } catch (RejectedExecutionException e) {
            return failed.apply(address + " can't be asked any more: this process is stopping");
        }
    }

    private Channel connected() throws UnreachableException, InterruptedException {
        if (!isOpen()) {
            throw new UnreachableException("the connection to " + address + " is closed");
        }
        Channel existing = channel;
        if (existing != null) {
            return existing;
        }
        Channel made = client.connect(this::keep);
        certificate = TlsClient.certificate(made);
        return made;
    }

    private void keep(Channel opened) {
        channel = opened;
        if (closed) {
            close(opened);
        }
    }

    /** A question that the server does not know is followed by the next, until all were tried or the server hangs up. */
    private Answer ask(Channel connected, Token token) throws UnreachableException, InterruptedException {
        for (int left = Question.values().length; ; left--) {
            Question asked = question.get();
            Exchange.Response response =
                    exchange(connected, asked.request(address.authority(), userAgent, token.bearer()));
            boolean unknown = response.status() == ReplyReader.NOT_FOUND;
            if (unknown) {
                question.compareAndSet(asked, asked.next());
            }
            if (!unknown || left == 1 || !response.lasting()) {
                return answer(response, ReplyReader.read(address, asked, response));
            }
        }
    }

    private Exchange.Response exchange(Channel connected, FullHttpRequest request)
            throws UnreachableException, InterruptedException {
        Promise<Exchange.Response> promise = connected.eventLoop().newPromise();
        Exchange exchange = new Exchange(request, promise);
        connected.eventLoop().execute(() -> start(connected, exchange));
        boolean ended;
        try {
            ended = promise.await(timeouts.answer().toMillis());
        } finally {
            Instant sent = exchange.sentAt();
            sentAt = sent == null ? sentAt : sent;
        }
        if (!ended) {
            throw new UnreachableException(
                    "%s did not answer within %s".formatted(address, Timeouts.text(timeouts.answer())));
        }
        if (!promise.isSuccess()) {
            throw Fault.exchanging(address, promise.cause());
        }
        Exchange.Response response = promise.getNow();
        if (!response.lasting()) {
            close();
        }
        return response;
    }

    private static void start(Channel connected, Exchange exchange) {
        ChannelHandlerContext ctx = connected.pipeline().context(ExchangeHandler.class);
        if (ctx != null && ctx.handler() instanceof ExchangeHandler handler) {
            handler.start(ctx, exchange);
        } else {
            exchange.response().tryFailure(new ClosedChannelException());
        }
    }

    private Answer unreachable(String explanation) {
        boolean closedByCaller = closed;
        close();
        Reply reply = new Reply.Unreachable(
                closedByCaller ? "the connection to " + address + " was closed by this side" : explanation);
        return new Answer(address.hostAndPort(), reply, certificate, sentAt, clock.instant(), null);
    }

    @Override
    public boolean isOpen() {
        Channel existing = channel;
        return !closed && (existing == null || existing.isActive());
    }

    @Override
    public void close() {
        closed = true;
        Channel existing = channel;
        if (existing != null) {
            close(existing);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // nothing waits for the end of a closed connection
    private static void close(Channel ended) {
        ended.close();
    }
}
