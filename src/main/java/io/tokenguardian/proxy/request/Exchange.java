package io.tokenguardian.proxy.request;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.tokenguardian.proxy.http.BufferShare;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.proxy.upstream.Lease;
import io.tokenguardian.proxy.upstream.LeaseEnd;
import io.tokenguardian.proxy.upstream.LeaseRequest;
import io.tokenguardian.proxy.upstream.Upstream;
import io.tokenguardian.token.Token;
import org.jspecify.annotations.Nullable;

/**
 * The life of one request, on one event loop: a sequence of {@link Stage}s.
 *
 * <p>In {@link Stage#SENT} and {@link Stage#RELAYING}, an {@link Attempt} handles the response and decides about a
 * retry. Backpressure applies in both directions. Before the request is sent, its body is read up to the replay limit.
 * If the announced length exceeds that limit, only the first part is read. Once the request is sent, its body is read
 * as fast as the upstream accepts it. The response is read as fast as the caller accepts it. In both directions, the
 * queue stays within the connection's limit ({@link BufferShare}).
 */
public final class Exchange implements LeaseRequest {

    private final RequestContext context;
    private final EventLoopState loopState;
    private final Caller caller;
    private final UpstreamRequest head;
    private final ReplayBody body;
    private final HoldTimer holdTimer;
    private final RetryState retryState;
    private final RequestTokens tokens;
    private final ExchangeLog log;

    private Stage stage = Stage.RECEIVING;
    private @Nullable Attempt attempt;
    /** The lease of the current attempt, or of the {@link Proof} before it; null if neither is in progress. */
    private @Nullable Lease lease;

    /**
     * Creates the exchange for a request whose headers have been received.
     *
     * @param number the request's number on its connection, starting at 1, for the log
     */
    public Exchange(RequestContext context, EventLoopState loopState, Caller caller, UpstreamRequest head, int number) {
        this.context = context;
        this.loopState = loopState;
        this.caller = caller;
        this.head = head;
        this.body = new ReplayBody(context.settings().replayLimit(), context.replayBudget());
        this.holdTimer = new HoldTimer(context);
        this.tokens = new RequestTokens(context, holdTimer, head.ownCredential());
        this.retryState = new RetryState(context, loopState.upstreams().search(), tokens, holdTimer, head.tokenEnded());
        this.log = ExchangeLog.of(context.log(), caller, number);
        log.received(head);
    }

    public boolean isReceived() {
        return body.isComplete();
    }

    // What an attempt needs

    RequestContext context() {
        return context;
    }

    Caller caller() {
        return caller;
    }

    UpstreamRequest head() {
        return head;
    }

    ReplayBody body() {
        return body;
    }

    RetryState retryState() {
        return retryState;
    }

    ExchangeLog log() {
        return log;
    }

    @Override
    public RequestTokens tokens() {
        return tokens;
    }

    // Events from the caller

    /** Receives a part of the body, and releases it later. */
    public void onRequestContent(HttpContent part) {
        if (!head.announces(body.received() + part.content().readableBytes())) {
            part.release();
            fail(ProxyFault.MALFORMED, "a body that the headers do not announce");
            return;
        }
        if (stage == Stage.OVER) {
            part.release();
            return;
        }
        Trailers.clean(part);
        if (attempt == null) {
            body.keep(part);
        } else {
            attempt.send(part);
        }
        updateBodyReading();
        if (stage == Stage.RECEIVING && body.isComplete()) {
            proceed();
        } else if (stage == Stage.LEASING && body.isComplete()) {
            loopState.upstreams().becameWhole(this);
        }
    }

    /** Called when a read from the caller is complete. Sends the request, or flushes. */
    public void onCallerReadComplete() {
        if (stage == Stage.RECEIVING) {
            proceed();
        } else if (attempt != null) {
            attempt.flush();
        }
    }

    /** Called when the caller's write buffer is full, or has room again. */
    public void onCallerWritabilityChanged(boolean writable) {
        if (attempt != null) {
            attempt.upstream().read(writable);
        }
    }

    /** Called when the caller's connection has ended. Aborts the attempt, because its response can't be delivered. */
    public void onCallerClosed() {
        log.event("caller-gone");
        abort();
    }

    /** Starts or stops reading from the caller, according to the backpressure rules of this class. */
    void updateBodyReading() {
        boolean wanted = attempt == null
                ? head.contentLength() <= context.settings().replayLimit() && body.wantsMore()
                : attempt.upstream().channel().isWritable();
        caller.setBodyWanted(wanted || body.isComplete());
    }

    // Hold and lease

    /** Leases an upstream if a credential can be sent. Otherwise, holds the request until a credential can be sent. */
    void proceed() {
        if (stage == Stage.OVER) {
            return;
        }
        if (loopState.isDraining() && retryState.retries() > 0) {
            fail(ProxyFault.SHUTTING_DOWN, null);
        } else if (tokens.areReady()) {
            stage = Stage.LEASING;
            loopState.upstreams().acquire(this);
        } else if (holdTimer.begin(loopState, this)) {
            stage = Stage.HOLDING;
            log.event("held");
            loopState.hold(this);
            updateBodyReading();
        }
    }

    @Override
    public boolean needsNewConnection() {
        return retryState.needsNewConnection();
    }

    @Override
    public boolean isWhole() {
        return body.isComplete();
    }

    @Override
    public boolean mayWait() {
        return !loopState.isDraining() && holdTimer.mayBegin();
    }

    @Override
    public void onLeaseWaits() {
        if (stage == Stage.OVER) {
            loopState.upstreams().cancel(this);
            return;
        }
        if (holdTimer.begin(loopState, this)) {
            log.event("held until=a-connection");
            updateBodyReading();
        }
    }

    @Override
    public void onLeased(Lease leased) {
        if (stage == Stage.OVER) {
            leased.end(LeaseEnd.USED);
            return;
        }
        holdTimer.end();
        Upstream upstream = leased.upstream();
        Token token = tokens.ownCredential() ? null : tokens.over(upstream);
        if (token == null && !tokens.ownCredential()) {
            leased.end(LeaseEnd.USED); // the token is no longer usable, although it was when the lease was requested
            proceed();
            return;
        }
        lease = leased;
        if (token != null
                && Proof.isNeeded(this, upstream, token, loopState.upstreams().search())) {
            new Proof(this, leased, token).begin();
            return;
        }
        stage = Stage.SENT;
        log.sent(upstream.channel());
        attempt = new Attempt(this, leased, token);
        attempt.send();
        updateBodyReading();
    }

    /** Ends an attempt that has relayed nothing. Another attempt follows. */
    void endAttempt() {
        attempt = null;
        lease = null;
        stage = Stage.LEASING;
    }

    /** Begins to relay {@code response}. No more attempts follow. */
    void startRelay(HttpResponse response) {
        stage = Stage.RELAYING;
        body.forget();
        log.relayed(response.status(), retryState.retries());
    }

    boolean isRelaying() {
        return stage == Stage.RELAYING;
    }

    // Ends

    /** Called on shutdown: fails the request if it is still waiting. */
    public void drain() {
        if (stage == Stage.HOLDING || stage == Stage.LEASING) {
            fail(ProxyFault.SHUTTING_DOWN, null);
        }
    }

    /** Ends the request with the response for {@code fault}, or closes the connection if another response has begun. */
    @Override
    public void fail(ProxyFault fault, @Nullable String detail) {
        if (stage == Stage.OVER) {
            return;
        }
        boolean relaying = isRelaying();
        log.failed(relaying, fault, detail);
        abort();
        if (relaying) {
            caller.close();
        } else {
            caller.respond(fault, detail, head.isHead(), head.keepAlive() && body.isComplete());
        }
    }

    private void abort() {
        Lease aborted = lease;
        end();
        if (aborted != null) {
            aborted.end(LeaseEnd.FAILED);
        }
    }

    /** Ends the exchange, but not the lease, which the attempt ends. */
    void end() {
        if (stage == Stage.HOLDING) {
            loopState.unhold(this);
        } else if (stage == Stage.LEASING) {
            loopState.upstreams().cancel(this);
        }
        stage = Stage.OVER;
        attempt = null;
        lease = null;
        holdTimer.requestEnded();
        body.release();
    }
}
