package io.tokenguardian.proxy.request;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelId;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.ScheduledFuture;
import io.tokenguardian.concurrent.LoggedTask;
import io.tokenguardian.proxy.http.ProxyFault;
import io.tokenguardian.proxy.http.UpstreamRequestEncoder;
import io.tokenguardian.proxy.upstream.ConnectionFault;
import io.tokenguardian.proxy.upstream.ResponseListener;
import io.tokenguardian.proxy.upstream.Upstream;
import io.tokenguardian.proxy.upstream.UpstreamFailure;
import io.tokenguardian.proxy.upstream.UpstreamPool;
import io.tokenguardian.proxy.upstream.WaitingRequest;
import io.tokenguardian.replica.Finding;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The life of one request, on one event loop.
 *
 * <pre>
 *  RECEIVING ──► WAITING ──connection──► SENT ──► RELAYING ──► OVER
 *                   ▲                     │  ╲       ▲
 *                   │    the replica's    │   ╲ 101: the tunnel goes on without the exchange
 *                   ├──── own 401 ────────┤          │
 *                   │                  a 401 that may be a backend's
 *                   │                     ▼          │
 *                   └──── refused ──── KEPT_401 ── accepted
 *
 *  any ──► OVER: the caller is gone, hold-timeout, shutdown, a fault
 * </pre>
 *
 * <p>Backpressure applies in both directions. Before the request is sent, its body is read up to the replay limit. If
 * the announced length exceeds that limit, only the first part is read. Once the request is sent, its body is read as
 * fast as the upstream accepts it. The response is read as fast as the caller accepts it. In both directions, the queue
 * stays within the connection's limit ({@code BufferShare}).
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, which channelInactive reports
public final class Exchange implements WaitingRequest, ResponseListener {

    private enum Stage {
        /** The first part of the body has not been read, or more of it is read before it takes a connection. */
        RECEIVING,
        /** For a connection whose replica accepts the token, or for a token. */
        WAITING,
        /** No response has begun. */
        SENT,
        /** A 401 is kept until a proof has shown whether it is about the token. */
        KEPT_401,
        RELAYING,
        OVER
    }

    /**
     * At DEBUG, has a line for each event. No line contains a header or a query, because either may contain a secret.
     */
    private static final Logger LOG = Logger.getLogger("io.tokenguardian.proxy");

    /** The most times that a request is sent again after refusals of one kind. */
    private static final int MOST_401S = 16;

    /** A longer or slower 401 is not the API server's own, which has 157 bytes. */
    private static final int MOST_KEPT_BYTES = 4 << 10;

    /** The bytes counted for each part at least, for the objects that represent it. */
    private static final int LEAST_KEPT_PART = 192;

    /** How long a request waits for more of its body before it takes a connection. Its response may come first. */
    private static final Duration MOST_RECEIVING = Duration.ofSeconds(1);

    /** The most parts of a body that are passed on together. One read may contain 10,000 chunks of one byte. */
    private static final int MOST_UNFLUSHED = 256;

    private static final Duration MOST_KEPT_TIME = Duration.ofSeconds(1);

    private static final AsciiString TOKEN_GUARDIAN = AsciiString.cached("token-guardian");

    private final RequestContext context;
    private final LoopState loop;
    private final UpstreamPool pool;
    private final Caller caller;
    private final UpstreamRequest head;

    /** Null if the request has no body. */
    private final @Nullable ReplayBody body;

    private final int number;
    private Stage stage = Stage.RECEIVING;
    private boolean whole;

    /** Whether the request counts for {@link LoopState#hasManyUploads}. */
    private boolean uploading;

    // The attempt
    private @Nullable Upstream upstream;
    private @Nullable Token token;
    private boolean asItIs;
    private @Nullable ChannelFuture headWritten;
    private long sentAt;
    private int unflushed;

    // The attempts so far
    private int retries;

    /** The API server's own 401s: nothing was executed. */
    private int own401s;

    /** The 401s of unknown origin, after each of which the proof was refused, or got no response. */
    private int unclear401s;

    private boolean lost;

    /** Whether only proofs since {@link #failedAt} count, because an older one was wrong: many of these may be. */
    private boolean failed;

    private long failedAt;
    private @Nullable SavedReason saved;

    // The wait
    private boolean everHeld;
    private boolean held;
    private long heldSince;
    private long heldTotal;
    private @Nullable SavedReason heldReason;
    private @Nullable ScheduledFuture<?> holdEnd;

    // The 401 that is kept
    private @Nullable HttpResponse kept;
    private final List<HttpContent> keptBody = new ArrayList<>(0);
    private int keptBytes;

    /** The end of {@link Stage#RECEIVING} or {@link Stage#KEPT_401}. */
    private @Nullable ScheduledFuture<?> stageEnd;

    /** @param number the request's number on its connection, starting at 1, for the log */
    public Exchange(RequestContext context, LoopState loop, Caller caller, UpstreamRequest head, int number) {
        this.context = context;
        this.loop = loop;
        this.pool = loop.pool();
        this.caller = caller;
        this.head = head;
        this.body = head.contentLength() == 0
                ? null
                : new ReplayBody(head.contentLength(), context.replayLimit(), context.replayBudget());
        this.number = number;
        this.saved = head.tokenEnded() ? SavedReason.ROTATION : null;
        if (LOG.isDebugEnabled()) {
            LOG.debugf(
                    "request=%s event=received method=%s path=%s",
                    this, head.request().method(), head.path());
        }
    }

    /** The request's name in the log. */
    @Override
    public String toString() {
        return caller.id() + "-" + number;
    }

    private long now() {
        return context.upstreams().nanoTime().getAsLong();
    }

    // From the caller

    /** Releases {@code part}, now or later. */
    public void onRequestContent(HttpContent part) {
        long received = part.content().readableBytes() + (body == null ? 0 : body.received());
        if (!head.announces(received)) {
            part.release();
            fail(ProxyFault.MALFORMED, "a body that the headers do not announce");
            return;
        }
        whole |= part instanceof LastHttpContent;
        setUploading(uploading && isUpload());
        if (body == null || stage == Stage.OVER) {
            part.release();
        } else if (isSent()) {
            body.passOn(part, Objects.requireNonNull(upstream).channel());
            unflushed++;
            if (unflushed == MOST_UNFLUSHED) {
                flush();
            }
        } else {
            body.keep(part);
        }
        updateBodyReading();
        if (stage == Stage.RECEIVING && whole) {
            proceed();
        }
    }

    private boolean isUpload() {
        return !whole || head.upgrade() != null;
    }

    private void setUploading(boolean now) {
        if (uploading != now) {
            uploading = now;
            loop.countUpload(now ? 1 : -1);
        }
    }

    /** Fails a tunnel or an incomplete body beside many others, unless it has a place. Returns whether it did. */
    private boolean failsAsUpload() {
        boolean fails = !uploading && isUpload() && loop.hasManyUploads();
        if (fails) {
            fail(ProxyFault.OVERLOADED, "too many requests are tunnels or have incomplete bodies");
        }
        return fails;
    }

    private boolean isSent() {
        return stage == Stage.SENT || stage == Stage.RELAYING;
    }

    /**
     * While connections are hard to find or carry many bodies, a request with an incomplete body waits for the whole
     * body before it takes one, because it would keep the connection for as long as its caller likes.
     */
    public void onCallerReadComplete() {
        if (stage == Stage.RECEIVING) {
            if (!(pool.isLimited() || loop.hasManyUploads()) || head.expectsContinue() || !wantsBody()) {
                proceed();
            } else if (stageEnd == null) {
                stageEnd = after(MOST_RECEIVING, this::endReceiving);
            }
        } else if (unflushed > 0 && isSent()) {
            flush();
        }
    }

    private void flush() {
        unflushed = 0;
        Objects.requireNonNull(upstream).channel().flush();
    }

    private boolean wantsBody() {
        return body != null && !whole && body.wantsMore();
    }

    public void onCallerWritabilityChanged(boolean writable) {
        if (isSent()) {
            Objects.requireNonNull(upstream).read(writable);
        }
    }

    /** Aborts the attempt, because its response can't be delivered. */
    public void onCallerClosed() {
        LOG.debugf("request=%s event=caller-gone", this);
        abort();
    }

    /** Starts or stops reading from the caller, according to the backpressure rules of this class. */
    private void updateBodyReading() {
        boolean wanted = isSent() ? Objects.requireNonNull(upstream).channel().isWritable() : wantsBody();
        caller.setBodyWanted(wanted || whole);
    }

    /** Whether the whole request has been received. */
    public boolean isWhole() {
        return whole;
    }

    private void endReceiving() {
        if (stage == Stage.RECEIVING) {
            proceed();
        }
    }

    private ScheduledFuture<?> after(Duration delay, Runnable task) {
        return pool.eventLoop().schedule(new LoggedTask(task), delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void proceed() {
        stage = Stage.WAITING;
        if (!failsAsUpload()) {
            pool.acquire(this);
        }
    }

    // The wait for a connection

    @Override
    public boolean ownCredential() {
        return head.ownCredential();
    }

    @Override
    public @Nullable Token unprovenToken() {
        Token usable = context.upstreams().tokens().best();
        return usable == null ? context.waitAdvisor().hopelessToken(holdLeft()) : usable;
    }

    @Override
    public boolean mayUseProofOf(long provenAt) {
        return !failed || provenAt - failedAt >= 0;
    }

    @Override
    public void onHeld(String reason, @Nullable Finding refusal) {
        noteHeldReason(refusal);
        if (held || stage != Stage.WAITING) {
            return;
        }
        if (loop.isDraining()) {
            fail(ProxyFault.SHUTTING_DOWN, null);
        } else if (!context.holdPlaces().tryAcquire()) {
            fail(ProxyFault.TOO_MANY_HELD, "the limit is " + RequestContext.MOST_HELD);
        } else {
            held = true;
            context.counters().holdBegins(!everHeld);
            everHeld = true;
            heldSince = now();
            holdEnd = after(holdLeft(), this::onHoldTimeout);
            LOG.debugf("request=%s event=held reason=%s", this, reason);
            updateBodyReading();
        }
    }

    private void noteHeldReason(@Nullable Finding refusal) {
        boolean byClock = refusal != null && refusal.isByClock();
        if (byClock || context.waitAdvisor().untilUsable().isPresent()) {
            heldReason = SavedReason.CLOCK;
        } else if (heldReason == null && refusal != null) {
            heldReason = SavedReason.UNEXPLAINED;
        }
    }

    /** The remaining part of {@code hold-timeout}; not negative. */
    private Duration holdLeft() {
        long waited = heldTotal + (held ? now() - heldSince : 0);
        return Duration.ofNanos(Math.max(0, context.holdTimeout().toNanos() - waited));
    }

    private void onHoldTimeout() {
        String explanation = context.waitAdvisor().explanation().orElse(null);
        boolean isOff = context.upstreams().passThrough();
        fail(isOff ? ProxyFault.NO_TOKEN : ProxyFault.NOT_ACCEPTED_IN_TIME, explanation);
    }

    private void endHold() {
        if (held) {
            held = false;
            heldTotal += now() - heldSince;
            context.holdPlaces().release();
            context.counters().holdEnds();
            Objects.requireNonNull(holdEnd).cancel(false);
        }
    }

    @Override
    public void onLeased(Upstream leased, @Nullable Token tokenToSend, boolean refusalAsItIs) {
        if (stage == Stage.OVER) {
            pool.release(leased);
            return;
        }
        if (tokenToSend == null && !head.ownCredential()) { // it has just been withdrawn
            pool.release(leased);
            proceed();
            return;
        }
        if (failsAsUpload()) {
            pool.eventLoop().execute(() -> pool.release(leased)); // at once, it would lease to the next that fails
            return;
        }
        setUploading(isUpload());
        endHold();
        upstream = leased;
        token = tokenToSend;
        asItIs = refusalAsItIs;
        stage = Stage.SENT;
        Channel to = leased.channel();
        LOG.debugf("request=%s event=sent connection=%s to=%s", this, to.id(), to.remoteAddress());
        leased.begin(this, head.isHead());
        if (tokenToSend != null) {
            head.request().headers().set(HttpHeaderNames.AUTHORIZATION, loop.bearer(tokenToSend));
        }
        sentAt = now();
        headWritten = body == null
                ? to.write(UpstreamRequestEncoder.whole(head.request(), LastHttpContent.EMPTY_LAST_CONTENT))
                : body.send(head.request(), to);
        to.flush();
        updateBodyReading();
    }

    // From the API server

    @Override
    public void onWritabilityChanged() {
        updateBodyReading();
    }

    @Override
    public void onInformational(HttpResponse response) {
        boolean wanted = head.expectsContinue() || !HttpResponseStatus.CONTINUE.equals(response.status());
        if (stage == Stage.SENT && wanted) {
            ResponseHeaders.fitInformational(response);
            if (!caller.writeInformational(response)) {
                Objects.requireNonNull(upstream).read(false);
            }
        }
    }

    @Override
    public void onResponseHead(HttpResponse response) {
        Upstream from = Objects.requireNonNull(upstream);
        from.onResponseBegun();
        if (HttpResponseStatus.UNAUTHORIZED.equals(response.status())) {
            onUnauthorized(from, response);
            return;
        }
        boolean tunnel = HttpResponseStatus.SWITCHING_PROTOCOLS.equals(response.status());
        if (tunnel && (head.upgrade() == null || !whole)) {
            fail(ProxyFault.UPSTREAM_BROKE, "101 without a requested upgrade, or before the request was complete");
            return;
        }
        if (token != null) {
            from.onResponse(token, response, sentAt, from.isDateDue(sentAt) && head.isForReplicaItself());
        }
        if (tunnel) {
            LOG.debugf("request=%s event=tunnelled", this);
            ResponseHeaders.removeFraming(response.headers());
            finishHead(response);
            uploading = false; // the tunnel takes the place over
            from.channel().closeFuture().addListener(closed -> loop.countUpload(-1));
            end();
            caller.openTunnel(from, response);
        } else {
            relay(response);
        }
    }

    /** {@code docs/decisions/proxy.md} has the table of whose 401 it is, and what follows. */
    private void onUnauthorized(Upstream from, HttpResponse response) {
        if (token == null || asItIs || Upstream.isMarked(response)) {
            relay(response);
        } else if (from.marksResponses() && !head.mayReachBackend() && head.upgrade() == null) {
            Finding finding = from.onOwn401(token, response, sentAt);
            if (maySendAgain(own401s < MOST_401S)) {
                own401s++;
                sendAgain(reason(finding));
                releaseAfter401(from);
            } else {
                relay(response);
            }
        } else if (from.closesAfterResponse() && maySendAgain(head.safe() && unclear401s == 0)) {
            unclear401s++;
            sendAgain(RetryReason.UNEXPLAINED);
            from.close();
        } else if (from.closesAfterResponse() || !mayProveAgain(from, response) || !whole || loop.isDraining()) {
            relay(response);
        } else {
            keep(from, response);
        }
    }

    /** Other 401s without the mark come from a server that marks nothing, and are its own or a webhook's. */
    private boolean mayProveAgain(Upstream from, HttpResponse response) {
        return !(head.mayReachBackend() || head.upgrade() != null) || from.mayProveAgain(response);
    }

    /** @param allowed whether nothing was executed, or the request may be executed twice; false beyond the limits */
    private boolean maySendAgain(boolean allowed) {
        return allowed && isReplayable() && !loop.isDraining();
    }

    private boolean isReplayable() {
        return body == null || body.isReplayable();
    }

    private RetryReason reason(Finding finding) {
        List<Token> usable = context.upstreams().tokens().usable();
        if (!usable.isEmpty() && !usable.contains(token)) {
            return RetryReason.OTHER_TOKEN;
        }
        return switch (finding) {
            case NOT_YET_VALID -> RetryReason.NOT_YET_VALID;
            case EXPIRED -> RetryReason.EXPIRED;
            default -> RetryReason.UNEXPLAINED;
        };
    }

    private void sendAgain(RetryReason reason) {
        ChannelId refusing = Objects.requireNonNull(upstream).channel().id();
        LOG.debugf("request=%s event=refused connection=%s retry=%s", this, refusing, reason.word());
        attemptAgain(reason);
    }

    private void attemptAgain(RetryReason reason) {
        retries++;
        saved = saved == null ? reason.saved() : saved;
        context.counters().retry(reason);
        failed = true;
        failedAt = now();
        upstream = null;
        proceed();
    }

    /** Discards the remainder of a 401, unless the unsent part of the request would have to follow first. */
    private void releaseAfter401(Upstream from) {
        if (whole) {
            from.readRemainder(() -> pool.release(from));
        } else {
            from.close();
        }
    }

    // A 401 that may be a backend's

    private void keep(Upstream from, HttpResponse response) {
        stage = Stage.KEPT_401;
        kept = response;
        cancelStageEnd();
        stageEnd = after(MOST_KEPT_TIME, this::relayKept);
        from.read(true); // reading may be off if the caller has not accepted a 1xx yet
    }

    private void keepPart(HttpContent part) {
        keptBody.add(part);
        keptBytes += Math.max(LEAST_KEPT_PART, part.content().readableBytes());
        if (keptBytes > MOST_KEPT_BYTES) {
            relayKept();
        } else if (part instanceof LastHttpContent) {
            cancelStageEnd();
            Upstream from = Objects.requireNonNull(upstream);
            if (from.isReusable()) {
                from.proveInDoubt(Objects.requireNonNull(token), this::onProvenAgain);
            } else {
                relayKept();
            }
        }
    }

    private void onProvenAgain(Finding finding, @Nullable ConnectionFault fault) {
        Upstream from = upstream;
        if (stage != Stage.KEPT_401 || from == null) {
            return;
        }
        boolean refused = finding.isRefusal();
        int most = refused && head.safe() ? MOST_401S : 1;
        boolean again = refused || (fault != null && head.safe());
        if (!maySendAgain(again && unclear401s < most)) {
            if (finding == Finding.ACCEPTED) {
                from.onBackends401();
            }
            relayKept();
            return;
        }
        releaseKept();
        unclear401s++;
        sendAgain(reason(finding));
        pool.release(from);
    }

    /** Passes the kept 401 on, and what has been read of its body. */
    private void relayKept() {
        if (stage != Stage.KEPT_401) {
            return;
        }
        HttpResponse response = Objects.requireNonNull(kept);
        List<HttpContent> parts = List.copyOf(keptBody);
        keptBody.clear();
        releaseKept();
        relay(response);
        parts.forEach(this::onResponseContent);
        if (stage == Stage.RELAYING) {
            caller.flush();
        }
    }

    private void cancelStageEnd() {
        if (stageEnd != null) {
            stageEnd.cancel(false);
        }
    }

    private void releaseKept() {
        cancelStageEnd();
        keptBody.forEach(HttpContent::release);
        keptBody.clear();
        keptBytes = 0;
        kept = null;
    }

    // The response

    private void relay(HttpResponse response) {
        stage = Stage.RELAYING;
        if (body != null) {
            body.drop();
        }
        LOG.debugf(
                "request=%s event=relayed status=%s retries=%s",
                this, response.status().codeAsText(), retries);
        ResponseHeaders.sanitize(response, head.isHead());
        finishHead(response);
        caller.writeHead(response, head.isHead(), head.keepAlive());
    }

    /** Counts the request if it would have got a 401. Adds a header if it was held or sent again. */
    private void finishHead(HttpResponse response) {
        SavedReason reason = saved == null ? heldReason : saved;
        if (reason != null && !head.ownCredential() && !HttpResponseStatus.UNAUTHORIZED.equals(response.status())) {
            context.counters().saved(reason);
        }
        if (everHeld || retries > 0) {
            long millis = TimeUnit.NANOSECONDS.toMillis(heldTotal);
            String text = String.format(Locale.ROOT, "held=%d.%03d;retries=%d", millis / 1000, millis % 1000, retries);
            response.headers().add(TOKEN_GUARDIAN, text);
        }
    }

    @Override
    public void onResponseContent(HttpContent content) {
        Upstream from = Objects.requireNonNull(upstream);
        if (stage == Stage.KEPT_401) {
            keepPart(content);
        } else if (content instanceof LastHttpContent) {
            // kube-apiserver closes the connection after a backend's response to an upgrade, without announcing it
            boolean reusable = whole && head.upgrade() == null;
            end();
            if (reusable) {
                pool.release(from);
            } else {
                from.close();
            }
            caller.writeLast(content);
        } else if (!caller.write(content)) {
            from.read(false);
        }
    }

    @Override
    public void onReadComplete() {
        if (stage != Stage.KEPT_401) {
            caller.flush();
        }
    }

    /**
     * Sends the request again, once, if it is certain not to have been executed, or safe to execute twice. The server
     * may have closed the connection as idle. Go's client has the same rule.
     */
    @Override
    public void onUpstreamFailed(UpstreamFailure cause) {
        if (stage == Stage.SENT && upstream != null) {
            upstream.onResponseLost();
        }
        boolean neverLeft = headWritten != null && !headWritten.isSuccess();
        boolean again = (stage == Stage.SENT || stage == Stage.KEPT_401)
                && cause == UpstreamFailure.CLOSED
                && !lost
                && (head.safe() || neverLeft)
                && isReplayable();
        if (again && !loop.isDraining()) {
            LOG.debugf("request=%s event=upstream-broke retry=%s", this, RetryReason.CONNECTION_LOST.word());
            releaseKept();
            lost = true;
            attemptAgain(RetryReason.CONNECTION_LOST);
        } else {
            fail(again ? ProxyFault.SHUTTING_DOWN : ProxyFault.UPSTREAM_BROKE, null);
        }
    }

    // The end

    /** Called on shutdown: fails the request if it is still waiting. */
    public void drain() {
        if (stage == Stage.WAITING) {
            fail(ProxyFault.SHUTTING_DOWN, null);
        } else {
            relayKept();
        }
    }

    /** Ends the request with the response for {@code fault}, or closes the connection if another response has begun. */
    @Override
    public void fail(ProxyFault fault, @Nullable String detail) {
        if (stage == Stage.OVER) {
            return;
        }
        boolean relaying = stage == Stage.RELAYING;
        LOG.debugf("request=%s event=%s fault=%s detail=%s", this, relaying ? "cut" : "failed", fault, detail);
        abort();
        if (relaying) {
            caller.close();
        } else {
            caller.respond(fault, detail, head.isHead(), head.keepAlive() && whole);
        }
    }

    private void abort() {
        Upstream aborted = upstream;
        end();
        if (aborted != null) {
            aborted.close();
        }
    }

    private void end() {
        if (stage == Stage.WAITING) {
            pool.cancel(this);
        }
        stage = Stage.OVER;
        upstream = null;
        setUploading(false);
        endHold();
        if (everHeld) {
            everHeld = false;
            context.counters().heldFor(heldTotal);
        }
        releaseKept();
        if (body != null) {
            body.drop();
        }
    }
}
