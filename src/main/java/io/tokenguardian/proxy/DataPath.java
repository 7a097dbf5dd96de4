package io.tokenguardian.proxy;

import io.netty.util.AsciiString;
import io.tokenguardian.guardian.Escrow;
import io.tokenguardian.guardian.Outlook;
import io.tokenguardian.token.Token;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What all requests share, on every event loop.
 *
 * @param authority what goes into {@code Host}
 * @param rules what a request has to pass, in this order
 * @param replayBudget bytes of bodies that are kept for sending again
 * @param headBudget bytes of heads of requests that are under way
 * @param share bytes that each connection may have in each of its buffers
 * @param nanoTime the monotonic clock
 */
record DataPath(
        ProxySettings settings,
        Escrow escrow,
        Outlook outlook,
        AsciiString authority,
        List<RequestRule> rules,
        RefusalJudge judge,
        HeldRequests held,
        ByteBudget replayBudget,
        ByteBudget headBudget,
        BufferShare share,
        ProxyCounters counters,
        ProxyLog log,
        BearerHeader bearer,
        LongSupplier nanoTime) {

    /**
     * The token to send: the accepted one, or one that is not where waiting is known not to help, so that the caller reads what
     * the API server says of it. Null while a request has to wait.
     */
    @Nullable
    Token token(HeldTime heldTime) {
        Token inUse = escrow.inUse();
        return inUse == null ? outlook.helpless(heldTime.left()) : inUse;
    }

    /** {@code Retry-After} for a request that found no accepted token. */
    Duration retryAfter() {
        return outlook.untilAcceptable().orElse(ProxyFault.DEFAULT_RETRY_AFTER);
    }
}
