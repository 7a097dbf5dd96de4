package io.tokenguardian.proxy.request;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.tokenguardian.proxy.http.BufferShare;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.proxy.request.Stage.Unleased;
import io.tokenguardian.proxy.upstream.Lease;
import io.tokenguardian.proxy.upstream.LeaseEnd;
import io.tokenguardian.proxy.upstream.LeaseRequest;
import io.tokenguardian.proxy.upstream.TokenRefusal;
import io.tokenguardian.proxy.upstream.Upstream;
import io.tokenguardian.token.Token;
import org.jspecify.annotations.Nullable;

/**
 * The life of one request, on one event loop: a sequence of {@link Stage}s. The methods of this class are the
 * transitions, which a {@link Proof} or an {@link Attempt} calls.
 *
 * <p>Backpressure applies in both directions. Before the request is sent, its body is read up to the replay limit. If
 * the announced length exceeds that limit, only the first part is read. Once the request is sent, its body is read as
 * fast as the upstream accepts it. The response is read as fast as the caller accepts it. In both directions, the queue
 * stays within the connection's limit ({@link BufferShare}).
 */
public final class Exchange implements LeaseRequest {

    private final EventLoopState loopState;
    private final HoldTimer holdTimer;
    private final RequestParts parts;

    private Stage stage = Unleased.RECEIVING;

    /** @param number the request's number on its connection, starting at 1, for the log */
    public Exchange(RequestContext context, EventLoopState loopState, Caller caller, UpstreamRequest head, int number) {
        this.loopState = loopState;
        this.holdTimer = new HoldTimer(context);
        RequestTokens tokens = new RequestTokens(context, holdTimer, head.ownCredential());
        this.parts = new RequestParts(
                context,
                caller,
                head,
                new ReplayBody(context.settings().replayLimit(), context.replayBudget()),
                tokens,
                new RetryState(context, loopState.upstreams().search(), tokens, holdTimer, head.tokenEnded()),
                ExchangeLog.of(context.log(), caller, number));
        parts.log().received(head);
    }

    /** Releases {@code part}, now or later. */
    public void onRequestContent(HttpContent part) {
        ReplayBody body = parts.body();
        if (!parts.head().announces(body.received() + part.content().readableBytes())) {
            part.release();
            fail(ProxyFault.MALFORMED, "a body that the headers do not announce");
            return;
        }
        if (stage == Unleased.OVER) {
            part.release();
            return;
        }
        Attempt attempt = stage.attempt();
        if (attempt == null) {
            body.keep(part);
        } else {
            attempt.send(part);
        }
        updateBodyReading();
        if (stage == Unleased.RECEIVING && body.isComplete()) {
            proceed();
        } else if (stage == Unleased.LEASING && body.isComplete()) {
            loopState.upstreams().becameWhole(this);
        }
    }

    public void onCallerReadComplete() {
        Attempt attempt = stage.attempt();
        if (stage == Unleased.RECEIVING) {
            proceed();
        } else if (attempt != null) {
            attempt.flush();
        }
    }

    public void onCallerWritabilityChanged(boolean writable) {
        Attempt attempt = stage.attempt();
        if (attempt != null) {
            attempt.upstream().read(writable);
        }
    }

    /** Aborts the attempt, because its response can't be delivered. */
    public void onCallerClosed() {
        parts.log().event("caller-gone");
        abort();
    }

    /** Starts or stops reading from the caller, according to the backpressure rules of this class. */
    void updateBodyReading() {
        ReplayBody body = parts.body();
        Attempt attempt = stage.attempt();
        boolean wanted = attempt == null
                ? parts.head().contentLength() <= parts.context().settings().replayLimit() && body.wantsMore()
                : attempt.upstream().channel().isWritable();
        parts.caller().setBodyWanted(wanted || body.isComplete());
    }

    /** Leases an upstream if a credential can be sent. Otherwise, holds the request until a credential can be sent. */
    void proceed() {
        if (stage == Unleased.OVER) {
            return;
        }
        if (loopState.isDraining() && parts.retryState().retries() > 0) {
            fail(ProxyFault.SHUTTING_DOWN, null);
        } else if (parts.tokens().areReady()) {
            stage = Unleased.LEASING;
            loopState.upstreams().acquire(this);
        } else if (holdTimer.begin(loopState, this)) {
            stage = Unleased.HOLDING;
            parts.log().event("held");
            loopState.hold(this);
            updateBodyReading();
        }
    }

    @Override
    public RequestTokens tokens() {
        return parts.tokens();
    }

    @Override
    public boolean needsNewConnection() {
        return parts.retryState().needsNewConnection();
    }

    @Override
    public boolean isWhole() {
        return parts.body().isComplete();
    }

    @Override
    public boolean mayWait() {
        return !loopState.isDraining() && holdTimer.mayBegin();
    }

    @Override
    public void onLeaseWaits() {
        if (stage == Unleased.OVER) {
            loopState.upstreams().cancel(this);
            return;
        }
        if (holdTimer.begin(loopState, this)) {
            parts.log().event("held until=a-connection");
            updateBodyReading();
        }
    }

    @Override
    public void onLeased(Lease lease) {
        if (stage == Unleased.OVER) {
            lease.end(LeaseEnd.USED);
            return;
        }
        holdTimer.end();
        RequestTokens tokens = parts.tokens();
        Upstream upstream = lease.upstream();
        Token token = tokens.ownCredential() ? null : tokens.over(upstream);
        if (token == null && !tokens.ownCredential()) {
            lease.end(LeaseEnd.USED); // the token is no longer usable, although it was when the lease was requested
            proceed();
            return;
        }
        if (token != null
                && Proof.isNeeded(
                        parts, this, upstream, token, loopState.upstreams().search())) {
            stage = new Stage.Proving(lease);
            new Proof(this, parts, lease, token).begin();
            return;
        }
        Attempt attempt = new Attempt(this, parts, lease, token);
        stage = new Stage.Sent(lease, attempt);
        parts.log().sent(upstream.channel());
        attempt.send();
        updateBodyReading();
    }

    /** Called when the response to a {@link Proof} allows the request to be sent, over any connection. */
    void onProven(Lease lease) {
        stage = Unleased.LEASING;
        lease.upstream().discardRest(() -> lease.passTo(this), this::proceed);
    }

    /**
     * Drops a 401 that arrived over the connection of {@code lease}, and begins the next attempt.
     *
     * @param complete whether the whole refused request has been sent
     */
    void onRefused(Lease lease, RetryPolicy.Retry retry, boolean complete) {
        Upstream upstream = lease.upstream();
        parts.log().refused(upstream.channel(), retry.reason());
        TokenRefusal refusal = retry.refusal();
        if (refusal != null) {
            lease.tokenRefused(refusal);
        }
        boolean sameConnection =
                refusal == null ? retry.overSameConnection() : parts.tokens().mayBeAcceptedOver(upstream);
        stage = Unleased.LEASING;
        if (!complete) {
            lease.end(LeaseEnd.FAILED); // the unsent part of the request would have to follow first
            proceed();
        } else if (sameConnection) {
            upstream.discardRest(() -> lease.passTo(this), this::proceed);
        } else {
            LeaseEnd end = refusal == null ? LeaseEnd.USED : LeaseEnd.REFUSED;
            upstream.discardRest(() -> lease.end(end), () -> {});
            proceed();
        }
    }

    void onConnectionLost() {
        stage = Unleased.LEASING;
        proceed();
    }

    /** Called before the caller gets {@code response}. No more attempts follow. */
    void onRelay(Lease lease, Attempt attempt, HttpResponse response) {
        stage = new Stage.Relaying(lease, attempt);
        parts.body().forget();
        parts.log().relayed(response.status(), parts.retryState().retries());
    }

    boolean isRelaying() {
        return stage instanceof Stage.Relaying;
    }

    /** Called on shutdown: fails the request if it is still waiting. */
    public void drain() {
        if (stage == Unleased.HOLDING || stage == Unleased.LEASING || stage instanceof Stage.Proving) {
            fail(ProxyFault.SHUTTING_DOWN, null);
        }
    }

    /** Ends the request with the response for {@code fault}, or closes the connection if another response has begun. */
    @Override
    public void fail(ProxyFault fault, @Nullable String detail) {
        if (stage == Unleased.OVER) {
            return;
        }
        boolean relaying = isRelaying();
        parts.log().failed(relaying, fault, detail);
        abort();
        if (relaying) {
            parts.caller().close();
        } else {
            UpstreamRequest head = parts.head();
            parts.caller().respond(fault, detail, head.isHead(), head.keepAlive() && isWhole());
        }
    }

    private void abort() {
        Lease aborted = stage.lease();
        end();
        if (aborted != null) {
            aborted.end(LeaseEnd.FAILED);
        }
    }

    /** Ends the exchange, but not the lease, which the attempt ends. */
    void end() {
        if (stage == Unleased.HOLDING) {
            loopState.unhold(this);
        } else if (stage == Unleased.LEASING) {
            loopState.upstreams().cancel(this);
        }
        stage = Unleased.OVER;
        holdTimer.requestEnded();
        parts.body().release();
    }
}
