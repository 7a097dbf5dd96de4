package io.tokenguardian.proxy;

import io.netty.channel.ChannelFuture;
import org.jspecify.annotations.Nullable;

/** What was tried for one request so far, and with that, what may be tried next. */
final class Attempts {

    /** So often a server may say that it did not get to a request; then HTTP/1.1 carries it, which knows no GOAWAY. */
    private static final int MAX_UNPROCESSED = 5;

    private RefusalJudge.History history = RefusalJudge.History.NONE;
    private boolean fresh;
    private boolean resentStale;
    private int unprocessed;
    private int retries;

    /** How often it was sent again, or is about to be. */
    int retries() {
        return retries;
    }

    /** Whether only a new connection will do for the next one. */
    boolean wantsFresh() {
        return fresh;
    }

    /** Whether HTTP/2 has failed this request often enough. */
    boolean wantsHttp1() {
        return unprocessed >= MAX_UNPROCESSED;
    }

    RefusalJudge.History history() {
        return history;
    }

    /** One is on its way. */
    void sent() {
        fresh = false;
    }

    /** A refusal is answered by another attempt, as {@code ruling} says. */
    void again(RefusalJudge.Ruling ruling) {
        retries++;
        if (ruling instanceof RefusalJudge.AtOnce) {
            history = history.crossed();
        } else if (ruling instanceof RefusalJudge.OtherToken) {
            history = history.withOtherToken();
        } else if (ruling instanceof RefusalJudge.Fresh) {
            history = history.withFresh();
            fresh = true;
        }
    }

    /** An upstream that ended is answered by another attempt. */
    void again(UpstreamBreak cause) {
        retries++;
        if (cause == UpstreamBreak.NOT_PROCESSED) {
            unprocessed++;
        } else {
            resentStale = true;
            fresh = true;
        }
    }

    /**
     * Says whether a request whose upstream has ended is sent again: if it certainly was not carried out, or may be
     * carried out twice. A connection that has served before may have been closed by the other side as idle; Go's
     * client draws the line in the same place.
     *
     * @param safe whether its method changes nothing
     * @param headWritten the writing of its head; null if that was not begun
     */
    boolean mayResend(UpstreamBreak cause, Upstream gone, boolean safe, @Nullable ChannelFuture headWritten) {
        if (cause == UpstreamBreak.NOT_PROCESSED) {
            return true;
        }
        boolean neverLeft = headWritten != null && !headWritten.isSuccess();
        return cause == UpstreamBreak.CLOSED && !resentStale && gone.isReused() && (safe || neverLeft);
    }
}
