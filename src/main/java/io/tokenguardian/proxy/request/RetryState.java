package io.tokenguardian.proxy.request;

import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import io.tokenguardian.proxy.request.RetryPolicy.Unauthorized;
import io.tokenguardian.proxy.upstream.Lease;
import io.tokenguardian.proxy.upstream.ReplicaSearch;
import io.tokenguardian.proxy.upstream.UpstreamFailure;
import io.tokenguardian.token.Token;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The attempts of a request so far, which determine which attempt may follow. */
final class RetryState {

    /** How often a {@link Proof} that got no response is sent again: a reused connection and a new one may end. */
    private static final int MOST_LOST_PROOFS = 2;

    private static final AsciiString TOKEN_GUARDIAN = AsciiString.cached("token-guardian");

    private final RequestContext context;
    private final ReplicaSearch search;
    private final RequestTokens tokens;
    private final HoldTimer holdTimer;
    private @Nullable SavedReason saved;
    private RetryPolicy.History history = RetryPolicy.History.NONE;
    private boolean needsNewConnection;
    private boolean resentStale;
    private int lostProofs;
    private int retries;

    RetryState(
            RequestContext context,
            ReplicaSearch search,
            RequestTokens tokens,
            HoldTimer holdTimer,
            boolean tokenEnded) {
        this.context = context;
        this.search = search;
        this.tokens = tokens;
        this.holdTimer = holdTimer;
        this.saved = tokenEnded ? SavedReason.ROTATION : null;
    }

    /** Includes a retry that is about to be sent. */
    int retries() {
        return retries;
    }

    /** Called with the response that the caller gets. Adds a header if the request was held or retried. */
    void onRelay(HttpResponse response) {
        SavedReason reason = saved == null ? holdTimer.refused() : saved;
        if (reason != null && !tokens.ownCredential() && !HttpResponseStatus.UNAUTHORIZED.equals(response.status())) {
            context.counters().saved(reason);
        }
        if (holdTimer.everHeld() || retries > 0) {
            long millis = holdTimer.heldMillis();
            String text = String.format(Locale.ROOT, "held=%d.%03d;retries=%d", millis / 1000, millis % 1000, retries);
            response.headers().add(TOKEN_GUARDIAN, text);
        }
    }

    /** Whether the next attempt needs a new connection, because a reused connection was lost. */
    boolean needsNewConnection() {
        return needsNewConnection;
    }

    /** Whether a {@link Proof} may still help. */
    boolean mayNeedProof() {
        return !history.proven() && !context.settings().passThrough();
    }

    boolean isProofNeeded() {
        return history.proofNeeded() && !history.proven();
    }

    boolean isProven() {
        return history.proven();
    }

    /** Called when the response to a {@link Proof} allows the request to be sent. */
    void onProven() {
        if (history.proofNeeded()) {
            count(RetryReason.UNEXPLAINED);
        }
        history = history.withProof();
    }

    /**
     * Decides how to handle a 401 from the API server itself. Reports the 401 to the guardian if it is about the token.
     *
     * @param replayable whether all received parts of the request are kept and can be sent again
     * @return the retry, which is recorded; null if the caller gets the 401
     */
    RetryPolicy.@Nullable Retry onUnauthorized(Unauthorized refused, boolean replayable) {
        if (context.settings().passThrough()) {
            return null;
        }
        List<Token> usable = tokens.usable();
        // If no token is usable any more but waiting may help, the request waits again, like a new request.
        List<Token> awaited = tokens.best() == null ? List.of(refused.sent()) : usable;
        RetryPolicy.Retry retry = replayable ? context.retryPolicy().judge(refused, awaited, history) : null;
        if (isInVain(retry, refused.sent(), usable)) {
            retry = null;
        }
        boolean unknown = retry instanceof RetryPolicy.AfterProof || (history.proven() && !refused.toProof());
        if (!unknown || context.retryPolicy().isByClock(refused)) {
            context.reportRefusal(refused, search);
        }
        if (retry != null) {
            // A proof that follows a proof is not counted, because the request itself has not been sent again.
            if (!(retry instanceof RetryPolicy.AfterProof || history.proofNeeded())) {
                count(retry.reason());
            }
            history = retry.after(history);
            needsNewConnection = false;
        }
        return retry;
    }

    /** Whether a retry is pointless, because no reachable replica will accept the token in time. */
    private boolean isInVain(RetryPolicy.@Nullable Retry retry, Token sent, List<Token> usable) {
        if (retry instanceof RetryPolicy.NotYetValid) {
            return usable.isEmpty() && sent.equals(tokens.best());
        }
        return (retry instanceof RetryPolicy.AfterProof || retry instanceof RetryPolicy.Elsewhere)
                && search.hasGivenUp();
    }

    /**
     * Decides whether to retry after an upstream has ended, and records a retry. The request must be certain not to
     * have been executed, or safe to execute twice. The connection must have been reused, because the server may have
     * closed only a reused connection as idle. Go's client has the same rule.
     *
     * @param headWritten completes when the headers have been written or not; null if they may have been sent
     */
    boolean onUpstreamFailed(UpstreamFailure cause, Lease gone, boolean safe, @Nullable ChannelFuture headWritten) {
        boolean neverLeft = headWritten != null && !headWritten.isSuccess();
        if (cause != UpstreamFailure.CLOSED || resentStale || !gone.isReused() || !(safe || neverLeft)) {
            return false;
        }
        resentStale = true;
        needsNewConnection = true;
        count(RetryReason.CONNECTION_LOST);
        return true;
    }

    /**
     * Decides whether to send a {@link Proof} again, and records a retry. The connection may have been new, because
     * nothing of the request itself has been sent.
     */
    boolean onProofLost(UpstreamFailure cause) {
        if (cause != UpstreamFailure.CLOSED || lostProofs == MOST_LOST_PROOFS) {
            return false;
        }
        lostProofs++;
        needsNewConnection = true;
        count(RetryReason.CONNECTION_LOST);
        return true;
    }

    private void count(RetryReason reason) {
        retries++;
        saved = saved == null ? reason.saved() : saved;
        context.counters().retry(reason);
    }
}
