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
 * One request's life, on one event loop:
 *
 * <pre>
 *  RECEIVING ──► HOLDING ◄─────────┐ no token in use, and waiting can help
 *      │            │              │ (left when one is accepted, or waiting can't help any more)
 *      └──────► LEASING ◄──────────┤ again: 401 that time heals, or a connection that was stale
 *                   │ upstream     │
 *                 SENT ────────────┘
 *                   │ head of the answer
 *                   ├──► RELAYING ──► OVER
 *                   └──► OVER (101: the tunnel goes on without it)
 *
 *  any ──► OVER: the caller is gone, hold-timeout, shutdown, a fault
 * </pre>
 *
 * <p>Backpressure, kept here for both ways: what the caller sends is read while the body is wanted, that is up to the
 * replay limit before the first sending and as fast as the upstream takes it after; what the API server sends is read
 * as fast as the caller takes it. Neither side's bytes are ever queued beyond the connection's share ({@link BufferShare}).
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write or close that fails ends the channel, which is heard of
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

    private final DataPath path;
    private final Lane lane;
    private final CallerHandler caller;
    private final RequestHead head;
    private final ReplayBody body;
    private final HeldTime heldTime;
    private final Attempts attempts = new Attempts();

    private Stage stage = Stage.RECEIVING;
    private @Nullable Upstream upstream;
    private @Nullable Token sent;
    private @Nullable ChannelFuture headWritten;
    private long sentAt;
    private boolean unflushed;
    private boolean callerKeepsAlive;
    private final @Nullable String logId;

    /** @param number which request of its connection it is, for the log */
    Exchange(DataPath path, Lane lane, CallerHandler caller, RequestHead head, int number) {
        this.path = path;
        this.lane = lane;
        this.caller = caller;
        this.head = head;
        this.body = new ReplayBody(path.settings().replayLimit(), path.replayBudget());
        this.heldTime = new HeldTime(path);
        this.logId = path.log().isOn() ? caller.id() + "-" + number : null;
        if (logId != null) {
            log("received method=" + head.request().method() + " path=" + head.path());
        }
    }

    /** Of the request's life for the log; where {@code event} takes some making, ask for {@link #logId} first. */
    private void log(String event) {
        if (logId != null) {
            path.log().event(logId, event);
        }
    }

    RequestHead head() {
        return head;
    }

    /** Whether the request has come in completely. */
    boolean isReceived() {
        return body.isComplete();
    }

    // From the caller

    /** A part of the body; it is the exchange's from now on. */
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

    /** All that was there to be read is in: the time to act, and to flush. */
    void callerPaused() {
        if (stage == Stage.RECEIVING) {
            proceed();
        } else if (upstream != null && unflushed) {
            unflushed = false;
            body.writeJoined(upstream.channel());
            upstream.channel().flush();
        }
    }

    /** The caller takes what is written to it at once again, or does not. */
    void callerWritable(boolean writable) {
        if (upstream != null) {
            upstream.read(writable);
        }
    }

    /** The caller is gone; nobody wants the answer. */
    void callerGone() {
        log("caller-gone");
        Upstream abandoned = upstream;
        end();
        if (abandoned != null) {
            abandoned.abort();
        }
    }

    /** The rest of the request can't be made out. */
    void callerBroke(ProxyFault fault, @Nullable String detail) {
        Upstream abandoned = upstream;
        upstream = null;
        if (abandoned != null) {
            abandoned.abort();
        }
        fail(fault, detail);
    }

    /** Shutting down: a request that only waits does so no longer. */
    void drain() {
        if (stage == Stage.HOLDING || stage == Stage.LEASING) {
            fail(ProxyFault.SHUTTING_DOWN, null);
        }
    }

    // To the API server

    /** Goes ahead with the token in use, or holds until there is one. */
    void proceed() {
        if (stage == Stage.OVER) {
            return;
        }
        if (lane.isDraining() && attempts.retries() > 0) {
            fail(ProxyFault.SHUTTING_DOWN, null);
        } else if (head.ownCredential() || token() != null) {
            stage = Stage.LEASING;
            lane.upstreams().acquire(this);
        } else if (waits()) {
            stage = Stage.HOLDING;
            log("held");
            lane.hold(this);
            readBody();
        }
    }

    private boolean waits() {
        if (lane.isDraining()) {
            fail(ProxyFault.SHUTTING_DOWN, null);
            return false;
        }
        if (!heldTime.begin(
                lane,
                () -> fail(
                        ProxyFault.NOT_ACCEPTED_IN_TIME, path.outlook().whyNot().orElse(null)))) {
            fail(ProxyFault.TOO_MANY_HELD, "at most " + path.held().max());
            return false;
        }
        return true;
    }

    @Override
    public void leaseWaits() {
        if (waits()) {
            log("held until=a-replica-accepts");
            readBody();
        }
    }

    @Override
    public @Nullable Token token() {
        return head.ownCredential() ? null : path.token(heldTime);
    }

    @Override
    public boolean fresh() {
        return attempts.wantsFresh();
    }

    @Override
    public boolean http1() {
        return head.upgrade() != null || attempts.wantsHttp1();
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
        if (token == null && !head.ownCredential()) {
            to.release(true); // the token was taken back while the lease was under way
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
        attempts.sent();
        if (logId != null) {
            log("sent connection=" + to.channel().id().asShortText() + " to="
                    + to.channel().remoteAddress());
        }
        if (token != null) {
            head.request()
                    .headers()
                    .set(HttpHeaderNames.AUTHORIZATION, path.bearer().of(token));
        }
        Channel channel = to.channel();
        sentAt = path.nanoTime().getAsLong();
        headWritten = body.send(head.request(), channel);
        channel.flush();
        readBody();
    }

    /** Keeps the one rule for reading from the caller; see above. */
    private void readBody() {
        if (body.isComplete()) {
            caller.wantBody(true);
        } else if (upstream == null) {
            boolean fits = head.contentLength() <= path.settings().replayLimit();
            caller.wantBody(fits && body.wantsMore());
        } else {
            caller.wantBody(upstream.channel().isWritable());
        }
    }

    @Override
    public void upstreamWritable(boolean writable) {
        readBody();
    }

    // From the API server

    @Override
    public void informational(HttpResponse response) {
        boolean wanted = head.expectsContinue() || !HttpResponseStatus.CONTINUE.equals(response.status());
        if (stage == Stage.SENT && head.callerMinorVersion() > 0 && wanted) {
            AnswerHead.fitInformational(response);
            caller.writeInformational(response);
            if (!caller.isWritable() && upstream != null) {
                upstream.read(false);
            }
        }
    }

    @Override
    public void answerHead(HttpResponse response) {
        long arrivedAt = path.nanoTime().getAsLong();
        Upstream from = upstream;
        if (from == null) {
            return;
        }
        if (HttpResponseStatus.SWITCHING_PROTOCOLS.equals(response.status())) {
            tunnel(from, response);
        } else if (HttpResponseStatus.UNAUTHORIZED.equals(response.status()) && sent != null) {
            judge(from, sent, response, arrivedAt);
        } else {
            from.accepted();
            relay(response);
        }
    }

    private void judge(Upstream from, Token token, HttpResponse response, long arrivedAt) {
        if (!body.isReplayable()) {
            relay(response);
            return;
        }
        RefusalJudge.Ruling ruling = path.judge()
                .judge(token, path.escrow().inUse(), response.headers(), sentAt, arrivedAt, attempts.history());
        boolean helpless = ruling instanceof RefusalJudge.Early
                && path.escrow().inUse() == null
                && token.equals(path.token(heldTime));
        if (helpless || ruling instanceof RefusalJudge.PassOn) {
            relay(response);
            return;
        }
        if (logId != null) {
            log("refused connection=" + from.channel().id().asShortText() + " retry="
                    + RetryReason.of(ruling).word());
        }
        upstream = null;
        headWritten = null;
        attempts.again(ruling);
        path.counters().retry(RetryReason.of(ruling));
        stage = Stage.LEASING;
        if (!body.isComplete()) {
            // the rest of the request would have to go there first
            if (ruling instanceof RefusalJudge.Early early) {
                from.setAside(new Refusal(token, early.crossing()), false);
            } else {
                from.abort();
            }
            proceed();
        } else if (ruling instanceof RefusalJudge.AtOnce) {
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
                    ruling instanceof RefusalJudge.Early early
                            ? () -> from.setAside(new Refusal(token, early.crossing()), true)
                            : () -> from.release(true));
            proceed();
        }
    }

    private void relay(HttpResponse response) {
        stage = Stage.RELAYING;
        body.forget();
        if (logId != null) {
            log("relayed status=" + response.status().code() + " retries=" + attempts.retries());
        }
        callerKeepsAlive = AnswerHead.fit(response, head);
        markWhatWasDone(response);
        caller.writeHead(response, head.isHead());
    }

    private void markWhatWasDone(HttpResponse response) {
        if (heldTime.everHeld() || attempts.retries() > 0) {
            long millis = heldTime.millis();
            String text = String.format(
                    Locale.ROOT, "held=%d.%03d;retries=%d", millis / 1000, millis % 1000, attempts.retries());
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
        AnswerHead.fitSwitch(response);
        from.accepted();
        markWhatWasDone(response);
        end();
        caller.openTunnel(from, response);
    }

    @Override
    public void upstreamBroke(UpstreamBreak cause) {
        Upstream gone = upstream;
        upstream = null;
        if (stage == Stage.RELAYING) {
            log("cut");
            end();
            caller.cut();
        } else if (gone != null && body.isReplayable() && attempts.mayResend(cause, gone, head.safe(), headWritten)) {
            attempts.again(cause);
            if (logId != null) {
                log("upstream-broke retry=" + RetryReason.of(cause).word());
            }
            path.counters().retry(RetryReason.of(cause));
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
            lane.letGo(this);
        } else if (stage == Stage.LEASING) {
            lane.upstreams().cancel(this);
        }
        stage = Stage.OVER;
        upstream = null;
        heldTime.over();
        body.release();
    }
}
