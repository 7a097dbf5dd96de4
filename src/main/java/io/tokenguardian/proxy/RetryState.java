package io.tokenguardian.proxy;

import io.netty.channel.ChannelFuture;
import org.jspecify.annotations.Nullable;

/** The attempts that one request has had, which decide what may be tried next. */
final class RetryState {

    /** After so many attempts that the server did not process, HTTP/1.1 is used, which has no GOAWAY. */
    private static final int MAX_UNPROCESSED = 5;

    private RetryPolicy.History history = RetryPolicy.History.NONE;
    private boolean fresh;
    private boolean resentStale;
    private int unprocessed;
    private int retries;

    /** The number of retries so far, including one that is about to be sent. */
    int retries() {
        return retries;
    }

    /** Whether the next attempt needs a new connection. */
    boolean wantsFresh() {
        return fresh;
    }

    /** Whether the next attempt must use HTTP/1.1. */
    boolean wantsHttp1() {
        return unprocessed >= MAX_UNPROCESSED;
    }

    RetryPolicy.History history() {
        return history;
    }

    /** Called when an attempt is sent. */
    void sent() {
        fresh = false;
    }

    /** Records a retry after a 401. */
    void again(RetryPolicy.Retry retry) {
        retries++;
        history = retry.after(history);
        fresh = retry.wantsNewConnection();
    }

    /** Records a retry after an upstream that has ended. */
    void again(UpstreamFailure cause) {
        retries++;
        if (cause == UpstreamFailure.NOT_PROCESSED) {
            unprocessed++;
        } else {
            resentStale = true;
            fresh = true;
        }
    }

    /**
     * Returns whether to retry a request whose upstream has ended. It must be certain that the request was not
     * executed, or safe to execute it twice. After a close, the connection must also have been used before: then the
     * server may have closed it as idle. Go's client has this rule too.
     *
     * @param safe whether the method changes nothing
     * @param headWritten the write of the request's head; null if it was not begun
     */
    boolean mayResend(UpstreamFailure cause, Upstream gone, boolean safe, @Nullable ChannelFuture headWritten) {
        if (cause == UpstreamFailure.NOT_PROCESSED) {
            return true;
        }
        boolean neverLeft = headWritten != null && !headWritten.isSuccess();
        return cause == UpstreamFailure.CLOSED && !resentStale && gone.isReused() && (safe || neverLeft);
    }
}
