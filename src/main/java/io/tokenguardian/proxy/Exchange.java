package io.tokenguardian.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import io.tokenguardian.token.Token;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The life of one request, on one event loop:
 *
 * <pre>
 *  RECEIVING ──► HOLDING ◄─────────┐ no token in use, and waiting can help
 *      │            │              │ (left when a token is accepted, or waiting can't help any more)
 *      └──────► LEASING ◄──────────┤ retry: after a 401 that a retry may fix, or on a stale connection
 *                   │ upstream     │
 *                 SENT ────────────┘
 *                   │ head of the response
 *                   ├──► RELAYING ──► OVER
 *                   └──► OVER (101: the tunnel goes on without the exchange)
 *
 *  any ──► OVER: the caller is gone, hold-timeout, shutdown, a fault
 * </pre>
 *
 * <p>Backpressure, in both directions: until the request is sent, its body is read up to the replay limit. After that,
 * it is read as fast as the upstream takes it. The response is read as fast as the caller takes it. In neither
 * direction does the queue exceed the connection's share ({@link BufferShare}).
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which channelInactive reports
final class Exchange implements AnswerListener, LeaseRequest {

    private enum Stage {
        RECEIVING,
        HOLDING,
        LEASING,
        SENT,
        RELAYING,
        OVER
    }

    private static final AsciiString TOKEN_GUARDIAN = AsciiString.cached("token-guardian");

    private final ProxyContext context;
    private final EventLoopState loopState;
    private final CallerHandler caller;
    private final UpstreamRequest head;
    private final ReplayBody body;
    private final HoldTimer heldTime;
    private final RetryState retryState = new RetryState();

    private Stage stage = Stage.RECEIVING;
    private @Nullable Upstream upstream;
    private @Nullable Token sent;
    private @Nullable ChannelFuture headWritten;
    private long sentAt;
    private boolean unflushed;
    private boolean callerKeepsAlive;
    private final @Nullable String logId;

    /** @param number the request's number on its connection, from 1, for the log */
    Exchange(ProxyContext context, EventLoopState loopState, CallerHandler caller, UpstreamRequest head, int number) {
        this.context = context;
        this.loopState = loopState;
        this.caller = caller;
        this.head = head;
        this.body = new ReplayBody(context.settings().replayLimit(), context.replayBudget());
        this.heldTime = new HoldTimer(context);
        this.logId = context.log().isOn() ? caller.id() + "-" + number : null;
        if (logId != null) {
            log("received method=" + head.request().method() + " path=" + head.path());
        }
    }

    /** Logs {@code event} for this request. If the text is costly to make, check {@link #logId} first. */
    private void log(String event) {
        if (logId != null) {
            context.log().event(logId, event);
        }
    }

    UpstreamRequest head() {
        return head;
    }

    /** Whether the request has been received completely. */
    boolean isReceived() {
        return body.isComplete();
    }

    // Events from the caller

    /** Takes a part of the body, and will release it. */
    void content(HttpContent part) {
        if (!head.announces(body.received() + part.content().readableBytes())) {
            part.release();
            callerBroke(ProxyFault.MALFORMED, "a body that the head does not announce");
            return;
        }
        Trailers.clean(part);
        switch (stage) {
            case RECEIVING, HOLDING, LEASING -> {
                body.keep(part);
                readBody();
                if (body.isComplete() && stage == Stage.RECEIVING) {
                    proceed();
                }
            }
            case SENT, RELAYING -> passOn(part);
            case OVER -> part.release();
        }
    }

    private void passOn(HttpContent part) {
        Upstream to = upstream;
        if (to == null) {
            part.release();
            return;
        }
        body.passOn(part, to.channel());
        unflushed = true;
        readBody();
    }

    /** The current read from the caller is complete: time to act, and to flush. */
    void callerPaused() {
        if (stage == Stage.RECEIVING) {
            proceed();
        } else if (upstream != null && unflushed) {
            unflushed = false;
            body.writeJoined(upstream.channel());
            upstream.channel().flush();
        }
    }

    /** The caller's write buffer has room again, or is full. */
    void callerWritable(boolean writable) {
        if (upstream != null) {
            upstream.read(writable);
        }
    }

    /** The caller's connection has ended. Aborts the upstream, since nobody can receive the response. */
    void callerGone() {
        log("caller-gone");
        Upstream abandoned = upstream;
        end();
        if (abandoned != null) {
            abandoned.abort();
        }
    }

    /** The rest of the request is malformed. Aborts the upstream and fails with {@code fault}. */
    void callerBroke(ProxyFault fault, @Nullable String detail) {
        Upstream abandoned = upstream;
        upstream = null;
        if (abandoned != null) {
            abandoned.abort();
        }
        fail(fault, detail);
    }

    /** On shutdown: fails the request if it only waits. */
    void drain() {
        if (stage == Stage.HOLDING || stage == Stage.LEASING) {
            fail(ProxyFault.SHUTTING_DOWN, null);
        }
    }

    // To the API server

    /** Leases an upstream if there is a credential to send. Else holds the request until there is one. */
    void proceed() {
        if (stage == Stage.OVER) {
            return;
        }
        if (loopState.isDraining() && retryState.retries() > 0) {
            fail(ProxyFault.SHUTTING_DOWN, null);
        } else if (ownCredential() || token() != null) {
            stage = Stage.LEASING;
            loopState.upstreams().acquire(this);
        } else if (startHold()) {
            stage = Stage.HOLDING;
            log("held");
            loopState.hold(this);
            readBody();
        }
    }

    private boolean startHold() {
        if (loopState.isDraining()) {
            fail(ProxyFault.SHUTTING_DOWN, null);
            return false;
        }
        if (!heldTime.begin(
                loopState,
                () -> fail(
                        ProxyFault.NOT_ACCEPTED_IN_TIME,
                        context.waitAdvisor().explanation().orElse(null)))) {
            fail(ProxyFault.TOO_MANY_HELD, "at most " + context.held().max());
            return false;
        }
        return true;
    }

    @Override
    public void leaseWaits() {
        if (stage == Stage.OVER) {
            loopState.upstreams().cancel(this);
            return;
        }
        if (startHold()) {
            log("held until=a-replica-accepts");
            readBody();
        }
    }

    @Override
    public @Nullable Token token() {
        return ownCredential() ? null : context.token(heldTime);
    }

    @Override
    public boolean ownCredential() {
        return head.ownCredential();
    }

    @Override
    public boolean fresh() {
        return retryState.wantsFresh();
    }

    @Override
    public boolean http1() {
        return head.upgrade() != null || retryState.wantsHttp1();
    }

    @Override
    public void leaseFailed(ProxyFault fault, String detail) {
        fail(fault, detail);
    }

    @Override
    public void leased(Upstream to) {
        if (stage == Stage.OVER) {
            to.release(true);
            return;
        }
        heldTime.end();
        Token token = token();
        if (token == null && !ownCredential()) {
            to.release(true); // no token is in use any more; it was when the lease was requested
            proceed();
            return;
        }
        upstream = to;
        to.lease(this, head.isHead());
        send(to, token);
    }

    private void send(Upstream to, @Nullable Token token) {
        stage = Stage.SENT;
        sent = token;
        retryState.sent();
        if (logId != null) {
            log("sent connection=" + to.channel().id().asShortText() + " to="
                    + to.channel().remoteAddress());
        }
        if (token != null) {
            head.request()
                    .headers()
                    .set(HttpHeaderNames.AUTHORIZATION, context.bearer().of(token));
        }
        Channel channel = to.channel();
        sentAt = context.nanoTime().getAsLong();
        headWritten = body.send(head.request(), channel);
        channel.flush();
        readBody();
    }

    /** Starts or stops reading from the caller, by the backpressure rule above. */
    private void readBody() {
        if (body.isComplete()) {
            caller.wantBody(true);
        } else if (upstream == null) {
            boolean fits = head.contentLength() <= context.settings().replayLimit();
            caller.wantBody(fits && body.wantsMore());
        } else {
            caller.wantBody(upstream.channel().isWritable());
        }
    }

    @Override
    public void upstreamWritable(boolean writable) {
        readBody();
    }

    // Events from the API server

    @Override
    public void informational(HttpResponse response) {
        boolean wanted = head.expectsContinue() || !HttpResponseStatus.CONTINUE.equals(response.status());
        if (stage == Stage.SENT && head.callerMinorVersion() > 0 && wanted) {
            ResponseHeaders.fitInformational(response);
            caller.writeInformational(response);
            if (!caller.isWritable() && upstream != null) {
                upstream.read(false);
            }
        }
    }

    @Override
    public void answerHead(HttpResponse response) {
        long arrivedAt = context.nanoTime().getAsLong();
        Upstream from = upstream;
        if (from == null) {
            return;
        }
        if (HttpResponseStatus.SWITCHING_PROTOCOLS.equals(response.status())) {
            tunnel(from, response);
        } else if (HttpResponseStatus.UNAUTHORIZED.equals(response.status()) && sent != null) {
            judge(from, sent, response, arrivedAt);
        } else {
            markAccepted(from);
            relay(response);
        }
    }

    /** The response shows that the replica accepts the token, unless the caller's own credential was sent. */
    private void markAccepted(Upstream from) {
        if (sent != null) {
            from.accepted();
        }
    }

    private void judge(Upstream from, Token token, HttpResponse response, long arrivedAt) {
        if (!body.isReplayable()) {
            relay(response);
            return;
        }
        RetryPolicy.Decision decision = context.retryPolicy()
                .judge(
                        token,
                        context.tokenSource().inUse(),
                        response.headers(),
                        sentAt,
                        arrivedAt,
                        retryState.history());
        boolean hopeless = decision instanceof RetryPolicy.Early
                && context.tokenSource().inUse() == null
                && token.equals(context.token(heldTime));
        if (decision instanceof RetryPolicy.Retry retry && !hopeless) {
            retry(from, token, retry);
        } else {
            relay(response);
        }
    }

    private void retry(Upstream from, Token token, RetryPolicy.Retry retry) {
        if (logId != null) {
            log("refused connection=" + from.channel().id().asShortText() + " retry="
                    + retry.reason().word());
        }
        upstream = null;
        headWritten = null;
        retryState.again(retry);
        context.counters().retry(retry.reason());
        stage = Stage.LEASING;
        if (!body.isComplete()) {
            // this connection would have to carry the rest of the request first
            if (retry instanceof RetryPolicy.Early early) {
                from.park(new EarlyRefusal(token, early.crossing()), false);
            } else {
                from.abort();
            }
            proceed();
        } else if (retry instanceof RetryPolicy.SameConnection) {
            from.drain(new AnswerDrain.Then() {
                @Override
                public void drained() {
                    from.again(Exchange.this);
                }

                @Override
                public void gone() {
                    proceed();
                }
            });
        } else {
            from.drain(
                    retry instanceof RetryPolicy.Early early
                            ? () -> from.park(new EarlyRefusal(token, early.crossing()), true)
                            : () -> from.release(true));
            proceed();
        }
    }

    private void relay(HttpResponse response) {
        stage = Stage.RELAYING;
        body.forget();
        if (logId != null) {
            log("relayed status=" + response.status().code() + " retries=" + retryState.retries());
        }
        callerKeepsAlive = ResponseHeaders.sanitize(response, head);
        markWhatWasDone(response);
        caller.writeHead(response, head.isHead());
    }

    private void markWhatWasDone(HttpResponse response) {
        if (heldTime.everHeld() || retryState.retries() > 0) {
            long millis = heldTime.millis();
            String text = String.format(
                    Locale.ROOT, "held=%d.%03d;retries=%d", millis / 1000, millis % 1000, retryState.retries());
            response.headers().add(TOKEN_GUARDIAN, text);
        }
    }

    @Override
    public void answerContent(HttpContent content) {
        if (!(content instanceof LastHttpContent)) {
            if (!caller.write(content) && upstream != null) {
                upstream.read(false);
            }
            return;
        }
        Upstream from = upstream;
        boolean received = body.isComplete();
        Trailers.clean(content);
        end();
        if (from != null) {
            from.release(received);
        }
        caller.writeLast(content, callerKeepsAlive);
    }

    @Override
    public void answerPaused() {
        caller.flush();
    }

    private void tunnel(Upstream from, HttpResponse response) {
        if (head.upgrade() == null || !body.isComplete()) {
            from.abort();
            upstream = null;
            fail(ProxyFault.UPSTREAM_BROKE, "101 to a request that did not ask for it, or not yet");
            return;
        }
        log("tunnelled");
        ResponseHeaders.fitSwitch(response);
        markAccepted(from);
        markWhatWasDone(response);
        end();
        caller.openTunnel(from, response);
    }

    @Override
    public void upstreamBroke(UpstreamFailure cause) {
        Upstream gone = upstream;
        upstream = null;
        if (stage == Stage.RELAYING) {
            log("cut");
            end();
            caller.cut();
        } else if (gone != null && body.isReplayable() && retryState.mayResend(cause, gone, head.safe(), headWritten)) {
            retryState.again(cause);
            if (logId != null) {
                log("upstream-broke retry=" + cause.reason().word());
            }
            context.counters().retry(cause.reason());
            headWritten = null;
            proceed();
        } else {
            fail(ProxyFault.UPSTREAM_BROKE, null);
        }
    }

    // Ends

    private void fail(ProxyFault fault, @Nullable String detail) {
        if (stage == Stage.OVER) {
            return;
        }
        if (logId != null) {
            log("failed fault=" + fault + " detail=" + detail);
        }
        boolean relaying = stage == Stage.RELAYING;
        boolean received = body.isComplete();
        end();
        if (relaying) {
            caller.cut();
        } else {
            caller.answer(fault, detail, head.isHead(), head.keepAlive() && received);
        }
    }

    private void end() {
        if (stage == Stage.HOLDING) {
            loopState.unhold(this);
        } else if (stage == Stage.LEASING) {
            loopState.upstreams().cancel(this);
        }
        stage = Stage.OVER;
        upstream = null;
        heldTime.over();
        body.release();
    }
}
