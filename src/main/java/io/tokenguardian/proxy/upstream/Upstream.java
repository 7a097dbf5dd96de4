package io.tokenguardian.proxy.upstream;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.tokenguardian.apiserver.Connector.ServerCertificate;
import io.tokenguardian.apiserver.HttpDate;
import io.tokenguardian.apiserver.ProbeRequest;
import io.tokenguardian.apiserver.ProbeResponse;
import io.tokenguardian.clock.Sample;
import io.tokenguardian.concurrent.LoggedTask;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.proxy.http.UpstreamRequestEncoder;
import io.tokenguardian.replica.Answer;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.replica.Standing;
import io.tokenguardian.replica.ValidityWindow;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection to one replica. Used only on its event loop. A <em>proof</em>, {@code GET /version}, shows
 * whether the replica accepts a token. A request is sent over a connection whose replica has accepted its token. If no
 * replica does, a request that can't wait is sent over a refusing one. {@link UpstreamState} shows what it is used for.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which channelInactive reports
public final class Upstream {

    /**
     * Needs no access to the API server's storage, and a refused token gets a 401 (docs/api-server.md). A gateway may
     * respond itself, without the mark. The guardian's own question is then the proof, until a response has the mark.
     */
    static final String PROOF = "/version";

    /** The time limit of a proof. */
    static final Duration PROOF_TIME = Duration.ofSeconds(5);

    private static final String USER_AGENT = "token-guardian";

    private static final ConnectionFault SILENT = new ConnectionFault(
            ProxyFault.UPSTREAM_SILENT, "no response to a proof within " + PROOF_TIME.toSeconds() + " s", false);
    private static final ConnectionFault CLOSED = new ConnectionFault(
            ProxyFault.UPSTREAM_UNREACHABLE, "the connection ended without a response to a proof", false);

    /** How long the replica is known to accept the token after a proof that followed a 401 of a backend's. */
    private static final long CERTAIN = Duration.ofSeconds(1).toNanos();

    /**
     * The remainder of a response that is read instead of closing the connection: 157 bytes for the server's own 401.
     */
    private static final int MOST_DISCARDED = 64 << 10;

    private static final Duration REMAINDER_TIME = Duration.ofSeconds(1);
    private static final long BETWEEN_DATES = Duration.ofSeconds(1).toNanos();

    private final Channel channel;
    private final UpstreamPool pool;
    private final UpstreamContext context;
    private final ResponseReader reader;
    private final UpstreamRequestEncoder encoder = new UpstreamRequestEncoder();

    private final long openedAt;
    private UpstreamState state = UpstreamState.NEW;

    /** Whether it carries a request unproven, and has not shown since that its replica accepts a token. */
    private boolean unproven;

    /** Whether the response to a request has begun over this connection. */
    private boolean served;

    /** What the replica's refusals have shown, by the refused token. Usually empty. */
    private final Map<Token, Standing> standings = new HashMap<>(2);

    /** The token that the replica accepted last; null if it has refused this token since. */
    private @Nullable Token accepted;

    private boolean marked;
    private long provenAt;
    private long certainSince;
    private long usedAt;

    /** When to send the next proof; only for a connection that waits. */
    private Instant askAt = Instant.MAX;

    private Answer.@Nullable Origin origin;
    private long reportedAt;

    private Upstream(Channel channel, UpstreamPool pool) {
        this.channel = channel;
        this.pool = pool;
        this.context = pool.context();
        this.reader = new ResponseReader(this::close);
        this.openedAt = context.nanoTime().getAsLong();
        this.certainSince = openedAt - CERTAIN;
        this.reportedAt = openedAt - BETWEEN_DATES;
    }

    /** The TLS handshake of {@code channel} must be complete. */
    static Upstream install(Channel channel, UpstreamPool pool) {
        Upstream upstream = new Upstream(channel, pool);
        pool.context().share().limitReceiving(channel);
        channel.pipeline().addLast(upstream.reader.decoder(), upstream.encoder, upstream.reader);
        pool.connections().add(upstream);
        channel.closeFuture().addListener(ended -> {
            upstream.enter(UpstreamState.CLOSED);
            pool.openMissing();
        });
        return upstream;
    }

    public Channel channel() {
        return channel;
    }

    boolean accepts(List<Token> usable) {
        return accepted != null && usable.contains(accepted);
    }

    /** When the replica last accepted a token in a proof. */
    long provenAt() {
        return provenAt;
    }

    /** When the connection was last used. */
    long usedAt() {
        return usedAt;
    }

    Instant askAt() {
        return askAt;
    }

    /** Switches reading on or off, so that the response is read only as fast as the caller accepts it. */
    public void read(boolean on) {
        channel.config().setAutoRead(on);
    }

    /**
     * Sends the response to the next request to {@code to}.
     *
     * @throws IllegalStateException if a response is outstanding, or the connection is being closed
     */
    public void begin(ResponseListener to, boolean head) {
        if (reader.isReading() || !state.isOpen()) {
            throw new IllegalStateException("a connection in the state " + state + " can't carry a request");
        }
        reader.begin(to, head);
        context.share().setLimits(channel);
    }

    /** A change that {@link UpstreamState} does not allow is a fault of the program, and closes the connection. */
    void enter(UpstreamState next) {
        boolean allowed = state.leadsTo(next);
        assert allowed : state + " does not lead to " + next;
        UpstreamState before = state;
        state = allowed || !state.isOpen() ? next : UpstreamState.CLOSING;
        if (!state.isOpen()) {
            accepted = null;
            unproven = false;
        }
        pool.connections().moved(this, before, state);
        if (!allowed) {
            ProxyLog.connectionFailed(channel, new IllegalStateException(before + " does not lead to " + next));
            channel.close();
        }
    }

    /** @param sentUnproven whether the request's token is not known to be accepted */
    void lease(boolean sentUnproven) {
        enter(UpstreamState.LEASED);
        unproven = sentUnproven;
    }

    boolean isUnproven() {
        return unproven;
    }

    /**
     * Whether the connection can carry another request: the response is complete, no bytes are left, and neither side
     * has begun to close the connection.
     */
    public boolean isReusable() {
        return state.isOpen() && !reader.isReading() && channel.isActive() && reader.mayGoOn();
    }

    /** Called when the response to a request begins. */
    public void onResponseBegun() {
        if (!served) {
            served = true;
            pool.onServed();
        }
    }

    /** Called when the server has ended the connection before the response to a request. */
    public void onResponseLost() {
        if (!served) {
            context.failures().lost(openedAt, context.nanoTime().getAsLong());
        }
    }

    /** Called when a request or proof is over. */
    void endUse() {
        read(true);
        unproven = false;
        usedAt = context.nanoTime().getAsLong();
    }

    // What the replica shows about tokens

    /**
     * Returns the token to prove: the first that is better than the accepted token, and that the replica is not
     * expected to refuse. Null for none.
     *
     * @param usable best first
     */
    @Nullable
    Token tokenToProve(List<Token> usable) {
        if (!standings.isEmpty()) {
            standings.keySet().retainAll(usable);
        }
        for (Token token : usable) {
            if (token.equals(accepted)) {
                return null;
            }
            Standing standing = standings.get(token);
            if (standing == null
                    || !standing.refusesAt(window(token), context.timeline().instant())) {
                return token;
            }
        }
        return null;
    }

    /** Returns the accepted token, otherwise the token to prove; null if the replica refuses each usable token. */
    @Nullable
    Token tokenToSend(List<Token> usable) {
        return accepts(usable) ? accepted : usable.isEmpty() ? null : tokenToProve(usable);
    }

    /**
     * Of the tokens that the replica refuses as not yet valid, returns the token that it will accept first; null for
     * none.
     */
    @Nullable
    Token firstToBegin(List<Token> usable) {
        return usable.stream()
                .filter(token ->
                        standings.get(token) != null && standings.get(token).isNotYetValid())
                .min(Comparator.comparing(this::acceptsBy))
                .orElse(null);
    }

    /** Returns the time from which the replica is certain to accept a usable token; {@link Instant#MAX} for none. */
    Instant acceptsFirstBy(List<Token> usable) {
        Token first = firstToBegin(usable);
        return first == null ? Instant.MAX : acceptsBy(first);
    }

    private Instant acceptsBy(Token token) {
        return Objects.requireNonNull(standings.get(token)).acceptsBy(window(token));
    }

    /** Waits until it is time to prove {@code token} again, which the replica refuses as not yet valid. */
    void postpone(Token token) {
        enter(UpstreamState.EARLY);
        Instant now = context.timeline().instant();
        askAt = Objects.requireNonNull(standings.get(token)).nextProbe(window(token), now);
    }

    private ValidityWindow window(Token token) {
        return ValidityWindow.of(token, context.leeway());
    }

    /**
     * Without the mark, some statuses show nothing: a 429 or 5xx may come from a load balancer and, if the API server
     * marks its responses, a 403 or 404 from a gateway.
     */
    private boolean isAcceptance(HttpResponse response) {
        int code = response.status().code();
        return response.status().codeClass() == HttpStatusClass.SUCCESS
                || code == 101
                || (!pool.traits().marksResponses() && (code == 403 || code == 404))
                || isMarked(response);
    }

    /** Whether kube-apiserver sent {@code response} after it had accepted the token. */
    public static boolean isMarked(HttpResponse response) {
        return response.headers().contains(ProbeResponse.MARK);
    }

    /**
     * Whether the replica marks its responses. An unmarked 401 is then its own, so that nothing was executed, unless a
     * backend may have sent it.
     */
    public boolean marksResponses() {
        return marked;
    }

    /** Takes a 401 of the replica's own to a request. Returns what it shows. */
    public Finding onOwn401(Token token, HttpResponse response, long sentAt) {
        Finding finding = findingOf401(token, response);
        take(token, finding, response, sentAt);
        return finding;
    }

    private Finding findingOf401(Token token, HttpResponse response) {
        Instant date = date(response);
        return date == null ? Finding.REFUSED : window(token).refusedAt(date);
    }

    private static @Nullable Instant date(HttpResponse response) {
        return HttpDate.parse(response.headers().getAll(HttpHeaderNames.DATE));
    }

    private void onAccepted(Token token, HttpResponse response) {
        standings.remove(token);
        marked = isMarked(response);
        accepted = token;
        unproven = false;
        provenAt = context.nanoTime().getAsLong();
        pool.onAcceptance(marked);
    }

    private void take(Token token, Finding finding, HttpResponse response, long sentAt) {
        Answer answer = answer(token, finding, response, sentAt);
        if (finding == Finding.ACCEPTED) {
            onAccepted(token, response);
        } else {
            if (token.equals(accepted)) {
                accepted = null;
            }
            standings.put(token, Standing.after(standings.get(token), answer));
            pool.noteOwn401(response);
        }
        report(answer);
    }

    private Answer answer(Token token, Finding finding, HttpResponse response, long sentAt) {
        Instant now = context.timeline().instant();
        Instant sent = now.minusNanos(context.nanoTime().getAsLong() - sentAt);
        return new Answer(
                token,
                finding,
                Sample.of(sent, now, date(response)),
                now,
                origin(),
                Answer.MetBy.PROXY,
                pool.search().inDoubt());
    }

    /** Whether the {@code Date} of the response to a request that was sent at {@code sentAt} is to be reported. */
    public boolean isDateDue(long sentAt) {
        return sentAt - reportedAt >= BETWEEN_DATES;
    }

    /**
     * Takes a response to a request that is not a 401.
     *
     * @param reports whether to pass its {@code Date} to the guardian
     */
    public void onResponse(Token token, HttpResponse response, long sentAt, boolean reports) {
        boolean news = !token.equals(accepted);
        if (!(news || reports) || !isAcceptance(response)) {
            return;
        }
        if (news) {
            onAccepted(token, response);
        }
        if (reports) {
            report(answer(token, Finding.ACCEPTED, response, sentAt));
        }
    }

    private void report(Answer answer) {
        if (answer.finding() == Finding.ACCEPTED) {
            if (answer.clock() == null) {
                return;
            }
            reportedAt = context.nanoTime().getAsLong();
        }
        context.guardian().accept(answer);
    }

    private Answer.Origin origin() {
        if (origin == null) {
            SslHandler tls = channel.pipeline().get(SslHandler.class);
            ServerCertificate shown = tls == null ? null : ServerCertificate.of(tls, context.address());
            origin = new Answer.Origin(
                    context.address().hostAndPort(),
                    shown == null ? null : shown.sha256(),
                    shown == null ? List.of() : shown.names(),
                    null);
        }
        return origin;
    }

    /** Whether the server will close the connection after the latest response. */
    public boolean closesAfterResponse() {
        return reader.closesAfterResponse();
    }

    /**
     * Whether to prove the connection again after a 401 that a backend may have sent. A backend may send thousands. A
     * 401 as long as the API server's own is always proven.
     */
    public boolean mayProveAgain(HttpResponse response) {
        return context.nanoTime().getAsLong() - certainSince >= CERTAIN
                || pool.traits().isAsLongAsOwn(response);
    }

    /** Called when this proof has shown that the replica accepts the token. */
    public void onBackends401() {
        certainSince = context.nanoTime().getAsLong();
    }

    /**
     * Sends a proof with {@code token}. {@code done} gets what the response shows, after it has been read, or the fault
     * without a response.
     */
    void prove(Token token, BiConsumer<Finding, @Nullable ConnectionFault> done) {
        enter(UpstreamState.PROVING);
        prove(token, pool.traits().needsReview(), done);
    }

    /** As {@link #prove}, for a request that keeps the connection, because a 401 may be a backend's. */
    public void proveInDoubt(Token token, BiConsumer<Finding, @Nullable ConnectionFault> done) {
        enter(UpstreamState.DOUBT);
        prove(token, pool.traits().needsReview(), (finding, fault) -> {
            if (state == UpstreamState.DOUBT) {
                enter(UpstreamState.LEASED);
            }
            done.accept(finding, fault);
        });
    }

    private void prove(Token token, boolean byReview, BiConsumer<Finding, @Nullable ConnectionFault> done) {
        String host = context.hostHeader().toString();
        begin(new Proof(token, byReview, done), false);
        channel.writeAndFlush(
                byReview
                        ? ProbeRequest.WHO_AM_I.request(host, USER_AGENT, token.bearer())
                        : ProbeRequest.of(PROOF, "", host, USER_AGENT, token.bearer()));
    }

    private final class Proof extends Remainder {
        private final Token token;
        private final boolean byReview;
        private final BiConsumer<Finding, @Nullable ConnectionFault> done;
        private final long sentAt = context.nanoTime().getAsLong();
        private @Nullable ConnectionFault fault = CLOSED;
        private Finding finding = Finding.UNREACHABLE;

        /** Whether a gateway may have sent the acceptance. */
        private boolean doubtful;

        Proof(Token token, boolean byReview, BiConsumer<Finding, @Nullable ConnectionFault> done) {
            super(PROOF_TIME);
            this.token = token;
            this.byReview = byReview;
            this.done = done;
        }

        @Override
        void timeOut() {
            fault = SILENT;
            super.timeOut();
        }

        @Override
        public void onResponseHead(HttpResponse response) {
            fault = null;
            finding = HttpResponseStatus.UNAUTHORIZED.equals(response.status())
                    ? findingOf401(token, response)
                    : isAcceptance(response) ? Finding.ACCEPTED : Finding.UNREACHABLE;
            boolean isReview = byReview
                    && (!pool.traits().marksResponses() || HttpResponseStatus.CREATED.equals(response.status()));
            doubtful = finding == Finding.ACCEPTED && !isMarked(response) && !isReview;
            if (doubtful) {
                finding = Finding.UNREACHABLE;
                pool.traits().onUnmarkedAcceptance();
            } else if (finding != Finding.UNREACHABLE) {
                take(token, finding, response, sentAt);
            }
        }

        @Override
        void onEnd() {
            endUse();
            if (doubtful && !byReview && isReusable()) {
                prove(token, true, done);
            } else {
                done.accept(finding, fault);
            }
        }
    }

    /**
     * Reads and discards the remainder of a response. Beyond the limits, closes the connection. Then calls
     * {@code done}.
     */
    public void readRemainder(Runnable done) {
        reader.handOver(new Remainder(REMAINDER_TIME) {
            @Override
            public void onResponseHead(HttpResponse response) {
                throw new IllegalStateException("a second response to one request");
            }

            @Override
            void onEnd() {
                done.run();
            }
        });
        read(true); // reading may be off if the caller has not accepted a 1xx yet
    }

    private abstract class Remainder implements ResponseListener {
        private final Future<?> timeout;
        private int bytes;

        Remainder(Duration atMost) {
            timeout = after(atMost, this::timeOut);
        }

        void timeOut() {
            close();
            end();
        }

        @Override
        public final void onResponseContent(HttpContent content) {
            bytes += content.content().readableBytes();
            content.release();
            if (content instanceof LastHttpContent) {
                end();
            } else if (bytes > MOST_DISCARDED) {
                close();
                end();
            }
        }

        @Override
        public final void onUpstreamFailed(UpstreamFailure cause) {
            end();
        }

        private void end() {
            timeout.cancel(false);
            onEnd();
        }

        /** Called once, after the response or without one. */
        abstract void onEnd();
    }

    private Future<?> after(Duration delay, Runnable task) {
        return channel.eventLoop().schedule(new LoggedTask(task), delay.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Closes the connection at once, even during a request. What still arrives is discarded. */
    public void close() {
        reader.detach();
        if (state.isOpen()) {
            enter(UpstreamState.CLOSING);
            channel.close();
        }
    }

    /** The channel belongs to a tunnel from now on. */
    public void becomeTunnel() {
        enter(UpstreamState.TUNNEL);
        accepted = null;
        channel.pipeline().remove(encoder);
        channel.pipeline().remove(reader);
        channel.pipeline().remove(reader.decoder());
    }
}
