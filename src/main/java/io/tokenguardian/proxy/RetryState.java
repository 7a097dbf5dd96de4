package io.tokenguardian.proxy;

import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.AsciiString;
import io.tokenguardian.guardian.GuardianLoop.HeardRefusal;
import io.tokenguardian.token.Token;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The attempts that one request has had, which decide what may be tried next. */
final class RetryState {

    private static final AsciiString TOKEN_GUARDIAN = AsciiString.cached("token-guardian");

    private final ProxyContext context;
    private final ReplicaSearch search;
    private final RequestTokens tokens;
    private final HoldTimer holdTimer;
    private RetryPolicy.History history = RetryPolicy.History.NONE;
    private boolean needsNewConnection;
    private boolean resentStale;
    private boolean mayNeedProof;
    private int retries;

    RetryState(ProxyContext context, ReplicaSearch search, RequestTokens tokens, HoldTimer holdTimer) {
        this.context = context;
        this.search = search;
        this.tokens = tokens;
        this.holdTimer = holdTimer;
        this.mayNeedProof = !context.settings().passThrough();
    }

    /** The number of retries so far, including one that is about to be sent. */
    int retries() {
        return retries;
    }

    /** If the request was held or retried, adds the header that says how long and how often. */
    void addHoldHeader(HttpResponse response) {
        if (holdTimer.everHeld() || retries > 0) {
            long millis = holdTimer.heldMillis();
            String text = String.format(Locale.ROOT, "held=%d.%03d;retries=%d", millis / 1000, millis % 1000, retries);
            response.headers().add(TOKEN_GUARDIAN, text);
        }
    }

    /** Whether the next attempt needs a new connection. */
    boolean needsNewConnection() {
        return needsNewConnection;
    }

    /** Whether a {@link Proof} may still help. */
    boolean mayNeedProof() {
        return mayNeedProof;
    }

    void skipProofs() {
        mayNeedProof = false;
    }

    /**
     * Decides about a 401.
     *
     * @param sent the token that was refused
     * @param sentAt when the request was sent, in nanoseconds on the monotonic clock
     * @param replayable whether all that was received of the request is kept, so that it can be sent again; if not,
     *     only the guardian hears of the 401
     * @return the retry, which is recorded; null if the caller gets the 401
     */
    RetryPolicy.@Nullable Retry onUnauthorized(Token sent, HttpHeaders response, long sentAt, boolean replayable) {
        if (context.settings().passThrough()) {
            return null;
        }
        long arrivedAt = context.nanoTime().getAsLong();
        HeardRefusal byClock = search.hasFailed() ? HeardRefusal.BY_EVERY_CLOCK : HeardRefusal.BY_CLOCK;
        context.observer()
                .onRefusal(sent, context.retryPolicy().isByClock(sent, response) ? byClock : HeardRefusal.OTHER);
        if (!replayable) {
            return null;
        }
        List<Token> usable = tokens.usable();
        RetryPolicy.Retry retry = context.retryPolicy().judge(sent, usable, response, sentAt, arrivedAt, history);
        boolean hopeless = retry instanceof RetryPolicy.NotYetValid && usable.isEmpty() && sent.equals(tokens.best());
        if (retry == null || hopeless) {
            return null;
        }
        history = retry.after(history);
        needsNewConnection = retry.needsNewConnection();
        count(retry.reason());
        return retry;
    }

    /**
     * Decides about an upstream that has ended. A retry needs a request that was certainly not executed, or is safe to
     * execute twice. The connection must also have been used or have lain idle before: then the server may have closed
     * it as idle. Go's client has this rule too.
     *
     * @param safe see {@link UpstreamRequest}
     * @param headWritten the write of the request's head; null counts as a head that may have been sent
     * @return whether to retry, which is recorded
     */
    boolean onUpstreamFailed(UpstreamFailure cause, Upstream gone, boolean safe, @Nullable ChannelFuture headWritten) {
        boolean neverLeft = headWritten != null && !headWritten.isSuccess();
        if (cause != UpstreamFailure.CLOSED || resentStale || !gone.isReused() || !(safe || neverLeft)) {
            return false;
        }
        resentStale = true;
        needsNewConnection = true;
        count(RetryReason.CONNECTION_LOST);
        return true;
    }

    private void count(RetryReason reason) {
        retries++;
        context.counters().retry(reason);
    }
}
